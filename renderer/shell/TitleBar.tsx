import {
  Check,
  ChevronDown,
  Clock,
  FilePlus,
  FolderOpen,
  Map as MapIcon,
  Monitor,
  Moon,
  Search,
  Sun,
  X,
} from 'lucide-react';
import { bytes, fileName } from '../format/format.ts';
import { useProject } from '../stores/project.ts';
import { useShell } from '../stores/shell.ts';
import { type ThemeChoice, useTheme } from '../theme/theme.ts';
import { ActionItem } from './ActionItem.tsx';
import { Mark } from './Mark.tsx';
import { Popover } from './Popover.tsx';

export function TitleBar() {
  const show = useShell((state) => state.show);
  const project = useProject((state) => state.project);
  return (
    <header className="titlebar" data-region="Title bar">
      <Mark size={18} />
      <ProjectMenu />
      {project && (
        <span className="secondary titlebar-file ellipsis" title={project.path}>
          {fileName(project.path)} · {bytes(project.sizeBytes)}
        </span>
      )}
      <button
        type="button"
        className="command-field"
        onClick={() => show('palette')}
        aria-keyshortcuts="Control+K"
      >
        <Search size={14} aria-hidden />
        <span className="grow">
          {project ? 'Search roads, runs and commands' : 'Search commands and help'}
        </span>
        <kbd className="key">Ctrl K</kbd>
      </button>
      <span className="titlebar-end">
        <ThemeMenu />
      </span>
    </header>
  );
}

function ProjectMenu() {
  const project = useProject((state) => state.project);
  const app = useProject((state) => state.app);
  const open = useProject((state) => state.open);
  const recent = (app?.recent ?? []).filter((entry) => entry.path !== project?.path).slice(0, 6);
  const name = project?.name ?? 'No project open';
  return (
    <Popover
      label={`Project: ${name}`}
      className="button plain project-name"
      button={
        <>
          <span className="ellipsis">{name}</span>
          <ChevronDown size={14} aria-hidden />
        </>
      }
    >
      {(close) => (
        <>
          <ActionItem id="project.new" icon={FilePlus} done={close} />
          <ActionItem id="project.open" icon={FolderOpen} done={close} />
          <ActionItem id="project.sample" icon={MapIcon} done={close} />
          {recent.length > 0 && <div className="menu-rule" />}
          {recent.length > 0 && <p className="note menu-head">Recent</p>}
          {recent.map((entry) => (
            <button
              key={entry.path}
              type="button"
              role="menuitem"
              className="menu-item"
              title={entry.path}
              aria-disabled={!entry.exists}
              onClick={() => {
                if (!entry.exists) return;
                close();
                void open(entry.path);
              }}
            >
              <Clock size={14} aria-hidden />
              <span className="ellipsis">{entry.name}</span>
              <span className="note">{entry.exists ? '' : 'file is gone'}</span>
            </button>
          ))}
          <div className="menu-rule" />
          <ActionItem id="project.close" icon={X} done={close} />
        </>
      )}
    </Popover>
  );
}

const CHOICES: { choice: ThemeChoice; label: string; icon: typeof Sun }[] = [
  { choice: 'system', label: 'As the system', icon: Monitor },
  { choice: 'light', label: 'Light', icon: Sun },
  { choice: 'dark', label: 'Dark', icon: Moon },
];

function ThemeMenu() {
  const { choice, theme, choose } = useTheme();
  const Icon = theme === 'dark' ? Moon : Sun;
  return (
    <Popover
      label="Theme"
      className="button icon plain"
      align="right"
      button={<Icon size={16} aria-hidden />}
    >
      {(close) =>
        CHOICES.map(({ choice: value, label, icon: ChoiceIcon }) => (
          <button
            key={value}
            type="button"
            role="menuitemradio"
            aria-checked={choice === value}
            className="menu-item"
            onClick={() => {
              choose(value);
              close();
            }}
          >
            <ChoiceIcon size={14} aria-hidden />
            {label}
            {choice === value && (
              <span className="note">
                <Check size={14} aria-hidden />
              </span>
            )}
          </button>
        ))
      }
    </Popover>
  );
}
