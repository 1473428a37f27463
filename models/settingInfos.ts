import type { ApiSettingInfo } from '@etalon/core/api/contract';
import { EtalonError } from '@etalon/core/base';
import { z } from 'zod';

/** What a form says beside a setting. */
export interface SettingLabel {
  label: string;
  help: string;
  unit?: string;
}

/** A model's settings: numbers, choices and names of what the data have, each with a default. */
type SettingSchema = z.ZodObject<Record<string, z.ZodDefault<z.ZodNumber | z.ZodEnum | z.ZodString>>>;
type Labels<S extends SettingSchema> = Readonly<Record<keyof z.infer<S> & string, SettingLabel>>;
type Presets = Readonly<Record<string, Readonly<Record<string, string | number>>>>;

/** Fills in defaults, after those of the preset. Throws `usage` naming the setting, with what it may be. */
export function parseSettings<S extends SettingSchema>(
  model: string,
  schema: S,
  labels: Labels<S>,
  given: Record<string, unknown>,
  presets: Presets = {},
): z.infer<S> {
  const parsed = schema.safeParse({ ...presets[String(given.preset)], ...given });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue.code === 'unrecognized_keys' ? issue.keys[0] : issue.path.join('.');
  throw new EtalonError('usage', `Setting ${field}: ${issue.message}.`, {
    where: { field },
    remedy: `The settings of the model ${model} are ${Object.keys(labels).join(', ')}.`,
  });
}

/** The settings for forms, in the order of their labels: bounds are read off the schema, so they are written once. */
export function settingInfos<S extends SettingSchema>(
  schema: S,
  labels: Labels<S>,
  presets: Presets = {},
): ApiSettingInfo[] {
  return Object.entries<SettingLabel>(labels).map(([key, text]) => {
    const setting = schema.shape[key];
    const inner = setting.unwrap();
    const common = {
      key,
      label: text.label,
      help: text.help,
      unit: text.unit ?? null,
      default: setting.parse(undefined),
      presets: presetValues(key, presets),
    };
    if (inner instanceof z.ZodEnum)
      return { ...common, kind: 'choice', min: null, max: null, choices: inner.options.map(String) };
    if (inner instanceof z.ZodString) return { ...common, kind: 'text', min: null, max: null, choices: null };
    return {
      ...common,
      kind: inner.isInt ? 'integer' : 'number',
      min: finite(inner.minValue),
      max: finite(inner.maxValue),
      choices: null,
    };
  });
}

/** What each preset that changes a setting makes of it. */
function presetValues(key: string, presets: Presets): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(presets).flatMap(([name, { [key]: value }]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}

function finite(bound: number | null): number | null {
  return bound !== null && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? bound : null;
}
