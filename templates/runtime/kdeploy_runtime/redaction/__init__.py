"""Reports, logs and errors are printed, kept and pasted into issues: no secret leaves the container in one."""
