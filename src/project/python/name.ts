/**
 * The one spelling under which package names are compared: `Kedro_MLflow`, `kedro.mlflow` and `kedro-mlflow` are the
 * same package (PEP 503, "Normalized Names").
 */
export function normaliseName(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}
