"""Lets one real pip read requirements files, and prints what it made of every line as JSON.

Usage: pip_judge.py FOLDER_WITH_PIP, with {"environments": [...], "cases": [{"folder", "file", "variables"}]} on stdin.
pip has no public interface for this; these are the functions behind `pip install -r`.
"""

import json
import logging
import os
import re
import sys

sys.path.insert(0, sys.argv[1])
os.environ["LC_ALL"] = "C.UTF-8"

from pip._internal.network.session import PipSession
from pip._internal.req.constructors import install_req_from_parsed_requirement
from pip._internal.req.req_file import parse_requirements
from pip._internal.req.req_install import check_invalid_constraint_type
from pip._vendor.packaging.markers import Marker, default_environment

logging.disable(logging.CRITICAL)


def verdict(parsed, environments):
    """One line: what it asks for, or why pip refuses it."""
    path, line = re.search(r"^-[rc] (.*) \(line (\d+)\)$", parsed.comes_from, re.S).groups()
    place = {"file": os.path.relpath(os.path.realpath(path), os.path.realpath(".")), "line": int(line)}
    try:
        requirement = install_req_from_parsed_requirement(parsed)
        if parsed.constraint:
            problem = check_invalid_constraint_type(requirement)
            if problem:
                raise ValueError(problem)
        applies = [
            requirement.markers is None or requirement.markers.evaluate({**environment, "extra": ""})
            for environment in environments
        ]
    except Exception as error:
        return {**place, "refused": f"{type(error).__name__}: {error}"[:200]}
    clauses = [] if requirement.req is None else [f"{s.operator}{s.version}" for s in requirement.req.specifier]
    return {
        **place,
        "name": requirement.name,
        "specifier": sorted(set(clauses)),
        "extras": sorted(requirement.extras),
        "applies": applies,
        "isConstraint": parsed.constraint,
    }


def read(case, environments):
    os.chdir(case["folder"])
    before = dict(os.environ)
    os.environ.update(case.get("variables", {}))
    lines = []
    try:
        for parsed in parse_requirements(case["file"], session=PipSession()):
            lines.append(verdict(parsed, environments))
        return {"lines": lines}
    except (Exception, RecursionError) as error:
        return {"lines": lines, "stopped": f"{type(error).__name__}: {error}"[:200]}
    finally:
        os.environ.clear()
        os.environ.update(before)


def evaluate(marker, environments):
    try:
        parsed = Marker(marker)
        return [parsed.evaluate({**environment, "extra": ""}) for environment in environments]
    except Exception as error:
        return f"{type(error).__name__}"


given = json.load(sys.stdin)
environments = [{**default_environment(), **environment} for environment in given["environments"]]
json.dump(
    {
        "cases": [read(case, environments) for case in given.get("cases", [])],
        "markers": [evaluate(marker, environments) for marker in given.get("markers", [])],
    },
    sys.stdout,
)
