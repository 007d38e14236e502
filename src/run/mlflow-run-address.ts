/** What MLflow prints when a run ends (mlflow/tracking/_tracking_service/client.py, _log_url). */
const RUN_ADDRESS = /https?:\/\/\S+\/#\/experiments\/\d+\/runs\/[0-9a-f]{32}(?:\?workspace=[\w%.~-]+)?/g;

/** Finds the address of the MLflow run in a container's output, chunk by chunk. Of several the last: a parent run ends after its children. */
export class MlflowRunAddress {
  private rest = '';
  private found: string | undefined;

  add(chunk: Buffer): void {
    const text = this.rest + chunk.toString('utf8');
    this.found = text.match(RUN_ADDRESS)?.at(-1) ?? this.found;
    // An address may be cut in two by the end of a chunk; it is shorter than this.
    this.rest = text.slice(-1000);
  }

  get address(): string | undefined {
    return this.found;
  }
}
