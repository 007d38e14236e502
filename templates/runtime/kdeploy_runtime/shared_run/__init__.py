"""One pipeline, many containers, one MLflow run: found or made under the run key, open until `finish-run`."""
