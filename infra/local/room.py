#!/usr/bin/env python3
"""How much room the template has left: the resources that SAM's translator makes of it, today and when it has grown.

    room.py [template]   prints the counts; fails when there is too little room

A stack holds 500 resources. The counts are those of AWS and of the local stack, which holds exactly the
translated resources (stack.py compares them when it deploys).
"""
# Proves: M15

import copy
import math
import pathlib
import sys

sys.dont_write_bytecode = True

import stack as local  # noqa: E402
from tools import Missing  # noqa: E402

MOST_RESOURCES_OF_A_STACK = 500
# With twice the routes, and with half as many functions again too.
MOST_RESOURCES = 495
MOST_RESOURCES_PER_ROUTE = 1


def translated(template):
    """The number of resources after the transform. The place of the code does not change it."""
    places = dict.fromkeys(local.functions_of(template), {"Bucket": "code", "Key": "code"})
    return len(local.translate(copy.deepcopy(template), places)["Resources"])


def functions(template):
    return {name: each["Properties"] for name, each in template["Resources"].items() if each["Type"] == "AWS::Serverless::Function"}


def bodies(template):
    return [each["Properties"]["DefinitionBody"] for each in template["Resources"].values()
            if each["Type"] == "AWS::Serverless::HttpApi" and "DefinitionBody" in each["Properties"]]


def routes(template):
    """The number of routes, declared in an API's body or as an event of a function."""
    declared = sum(len(operations) for body in bodies(template) for operations in body["paths"].values())
    events = sum(event["Type"] == "HttpApi" for each in functions(template).values() for event in each.get("Events", {}).values())
    return declared + events


def with_twice_the_routes(template):
    template = copy.deepcopy(template)
    for body in bodies(template):
        body["paths"] |= {f"/twice{path}": copy.deepcopy(operations) for path, operations in body["paths"].items()}
    for function in functions(template).values():
        for name, event in list(function.get("Events", {}).items()):
            if event["Type"] == "HttpApi":
                again = copy.deepcopy(event)
                again["Properties"]["Path"] = f"/twice{event['Properties']['Path']}"
                function["Events"][f"Twice{name}"] = again
    return template


def with_twice_the_functions(template):
    """Every resource of a function's block a second time: the block's resources begin with the function's name."""
    template = copy.deepcopy(template)
    blocks = tuple(name.removesuffix("Function") for name in functions(template))
    template["Resources"] |= {f"Twice{name}": copy.deepcopy(each) for name, each in template["Resources"].items()
                              if name.startswith(blocks)}
    for name, function in functions(template).items():
        if name.startswith("Twice"):
            function["CodeUri"] = f"{function['CodeUri'].rstrip('/')}-twice/"
            # Its routes are counted already.
            function["Events"] = {each: event for each, event in function.get("Events", {}).items() if event["Type"] != "HttpApi"}
    return template


def main(arguments):
    local.in_environment("room.py")
    path = pathlib.Path(arguments[0]) if arguments else local.TEMPLATE
    text = path.read_text()
    template = local.parsed(text)
    count = routes(template)
    more_routes = with_twice_the_routes(template)
    today, doubled, twice = (translated(each) for each in (template, more_routes, with_twice_the_functions(more_routes)))
    per_route = (doubled - today) / count
    # Functions differ in size, one behind a queue is ten resources: so half of what all of them would add.
    grown = doubled + math.ceil((twice - doubled) / 2)
    print(f"{local.shown(path)}: {len(text.splitlines())} lines, {len(functions(template))} functions, {count} routes")
    print(f"resources of at most {MOST_RESOURCES_OF_A_STACK}: {today} today, {doubled} with twice the routes "
          f"({per_route:g} for each), {grown} with half as many functions again too")
    if max(doubled, grown) >= MOST_RESOURCES or per_route > MOST_RESOURCES_PER_ROUTE:
        raise Missing(f"too little room: fewer than {MOST_RESOURCES} resources, and at most {MOST_RESOURCES_PER_ROUTE} for a route")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Missing as missing:
        sys.exit(f"error: {missing}")
