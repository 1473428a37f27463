import * as ort from 'onnxruntime-node';
import { EtalonError } from '../../base/index.ts';
import type { Feed } from '../types.ts';

/** An exported file as any user of it opens it: plain ONNX Runtime, default options, nothing of ours. */
export class OnnxFile {
  readonly #session: ort.InferenceSession;

  /** Throws `input` when ONNX Runtime does not take the file. */
  static async open(path: string): Promise<OnnxFile> {
    try {
      return new OnnxFile(await ort.InferenceSession.create(path, { logSeverityLevel: 3 }));
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new EtalonError('input', `ONNX Runtime does not open the file: ${why}`, {
        where: { file: path },
        cause,
      });
    }
  }

  private constructor(session: ort.InferenceSession) {
    this.#session = session;
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  /** @param shapes of the arrays in `feed`, by the same names. */
  async run(
    feed: Feed,
    shapes: Readonly<Record<string, readonly number[]>>,
  ): Promise<Record<string, Float32Array>> {
    const feeds = Object.fromEntries(
      Object.entries(feed).map(([name, values]) => [
        name,
        values instanceof Int32Array
          ? new ort.Tensor('int32', values, shapes[name])
          : new ort.Tensor('float32', values, shapes[name]),
      ]),
    );
    const results = await this.#session.run(feeds);
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [name, tensor.data as Float32Array]),
    );
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}
