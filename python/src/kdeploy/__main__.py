"""`python -m kdeploy`, for an environment whose scripts are not on PATH."""

from kdeploy._command import main

main()
