"""The MLflow server, spoken to without MLflow: importing its client takes longer than all the calls of a start."""
