"""What happens inside the task: kedro-mlflow ends and renames the run that it logs to, and here it does not."""
