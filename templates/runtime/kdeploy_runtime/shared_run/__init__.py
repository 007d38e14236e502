"""One pipeline, many containers, one MLflow run: found or created under the run key, open until `finish-run`."""
