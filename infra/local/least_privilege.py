#!/usr/bin/env python3
"""Compares what each function's role allows with what the function did.

    least_privilege.py forget       start of a run: forget what was seen
    least_privilege.py compare      end of a run: fails when they differ, either way
    least_privilege.py self-test    shows, on the roles of today, that a grant too many, a grant too
                                    few and a grant too wide are each found
    least_privilege.py append-only  tries, as each function, to change and to remove an event: refused

Granted and never used is a difference, so is used and not granted (the call was refused). The roles
are read as deployed, so every intrinsic function is resolved; the calls are those that the emulator's
IAM decided on, where a transaction counts as the calls on its items and a query of an index as a call
on that index (see emulator.py).

Statements whose Sid begins with `Platform` serve the Lambda service, which acts outside what can be
seen here. They must be exactly what the function's settings call for.
"""

import copy
import fnmatch
import sys
import urllib.parse

sys.dont_write_bytecode = True

import stack as local  # noqa: E402
from tools import Missing  # noqa: E402

MOST_LISTED = 200

# Calls that change or remove: whoever may make one must be kept from the events.
REWRITING = {"dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "dynamodb:PartiQLUpdate", "dynamodb:PartiQLDelete"}
EVENT_KEYS = "EVENTS#*"

PLATFORM = {
    "PlatformLogs": {"logs:CreateLogStream", "logs:PutLogEvents"},
    "PlatformTraces": {"xray:PutTelemetryRecords", "xray:PutTraceSegments"},
    "PlatformQueue": {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"},
    "PlatformStream": {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"},
    "PlatformDeadLetters": {"sqs:SendMessage"},
}


def listed(value):
    return value if isinstance(value, list) else [value]


def grants(policy):
    """The pairs of action and resource that a policy allows our code."""
    return {
        (action, resource)
        for statement in policy["Statement"]
        if statement["Effect"] == "Allow" and not statement["Sid"].startswith("Platform")
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }


def covers(grant, call):
    return fnmatch.fnmatchcase(call[0], grant[0]) and fnmatch.fnmatchcase(call[1], grant[1])


def short(resource):
    """A resource without the parts of its ARN that are the same for all."""
    return resource.split(":", 5)[-1]


def differences(policy, calls, refused):
    """What differs between one policy and the calls of one run, as sentences."""
    granted = grants(policy)
    for action, resource in sorted(granted):
        if not any(covers((action, resource), call) for call in calls):
            yield f"may {action} on {short(resource)}, and never did"
    for action, resource in sorted(calls):
        if not any(covers(grant, (action, resource)) for grant in granted):
            yield f"did {action} on {short(resource)}, which nothing grants"
    for action, resource in sorted(refused):
        yield f"was refused {action} on {short(resource)}"


def faults(policy, wanted_platform):
    """What is wrong with a policy whatever was done."""
    platform = {each["Sid"] for each in policy["Statement"] if each["Sid"].startswith("Platform")}
    if platform != wanted_platform:
        yield f"has the platform statements {sorted(platform)}, and its settings call for {sorted(wanted_platform)}"
    for statement in policy["Statement"]:
        sid, actions, resources = statement["Sid"], listed(statement["Action"]), listed(statement["Resource"])
        if sid in platform and set(actions) != PLATFORM.get(sid):
            yield f"{sid} allows {actions}, not {sorted(PLATFORM.get(sid, []))}"
        if statement["Effect"] == "Allow":
            yield from (f"{sid} names an action with a wildcard: {action}" for action in actions if "*" in action)
            yield from (f"{sid} allows a scan" for action in actions if action == "dynamodb:Scan")
            if sid != "PlatformTraces":  # X-Ray has no resources to name
                yield from (f"{sid} is for every resource" for resource in resources if resource == "*")
    rewriting = {action for action, _ in grants(policy)} & REWRITING
    kept = {
        action
        for statement in policy["Statement"]
        if statement["Effect"] == "Deny"
        and statement.get("Condition") == {"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": [EVENT_KEYS]}}
        for action in listed(statement["Action"])
    }
    for action in sorted(rewriting - kept):
        yield f"may {action} on events, which are only ever added"


def platform_of(properties):
    """The platform statements that a function's settings in the template call for."""
    wanted = {"PlatformLogs", "PlatformTraces"}
    for event in properties.get("Events", {}).values():
        if event["Type"] == "SQS":
            wanted.add("PlatformQueue")
        if event["Type"] == "DynamoDB":
            wanted.add("PlatformStream")
            if "DestinationConfig" in event["Properties"]:
                wanted.add("PlatformDeadLetters")
    return wanted


def deployed_policies(stack, names):
    """Function -> the one policy of its role, as deployed. More than one, or a managed one, is an error."""
    iam, functions = local.client("iam", stack["endpoint"]), local.client("lambda", stack["endpoint"])
    policies = {}
    for name in names:
        role = functions.get_function_configuration(FunctionName=stack["functions"][name])["Role"].rsplit("/", 1)[-1]
        inline = iam.list_role_policies(RoleName=role)["PolicyNames"]
        managed = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        if len(inline) != 1 or managed:
            raise Missing(f"{name}: its role must have one policy of its own and no other; it has {inline} and {managed}")
        policies[name] = iam.get_role_policy(RoleName=role, PolicyName=inline[0])["PolicyDocument"]
    return policies


def control(stack, method):
    return local.http(method, f"{stack['control_url']}/iam")


def compare(stack, template):
    functions = local.functions_of(template)
    seen = control(stack, "GET")
    policies = deployed_policies(stack, functions)
    found = []
    for name, logical_id in functions.items():
        full = stack["functions"][name].rsplit(":", 1)[-1]
        calls, refused = ({tuple(call) for call in seen[kind].get(full, [])} for kind in ("allowed", "denied"))
        wanted = platform_of(template["Resources"][logical_id]["Properties"])
        found += [f"{name} {fault}" for fault in faults(policies[name], wanted)]
        found += [f"{name} {difference}" for difference in differences(policies[name], calls, refused)]
    return found


def self_test(stack, template):
    """Mutates the deployed policies, each compared with a run that used them exactly."""
    functions = local.functions_of(template)
    wanted = {name: platform_of(template["Resources"][logical_id]["Properties"]) for name, logical_id in functions.items()}
    tried = 0
    for name, policy in deployed_policies(stack, functions).items():
        # A resource with a wildcard (the verified identities) stands for one that it covers.
        exact = {(action, resource.replace("*", "x")) for action, resource in grants(policy)}
        expect(not list(differences(policy, exact, set())), f"{name}: an exact run must show no difference")
        unprovoked = list(faults(policy, wanted[name]))
        expect(not unprovoked, f"{name}: the deployed policy must have no fault, and has {unprovoked}")
        for index, statement in enumerate(policy["Statement"]):
            for action in listed(statement["Action"]):
                poorer = copy.deepcopy(policy)
                poorer["Statement"][index]["Action"] = [each for each in listed(statement["Action"]) if each != action]
                found = [*differences(poorer, exact, set()), *faults(poorer, wanted[name])]
                expect(found or not needed(policy, index, action), f"{name}: without {action} in {statement['Sid']}, nothing was found")
                tried += 1
        richer = copy.deepcopy(policy)
        more = {"Sid": "More", "Effect": "Allow", "Action": "dynamodb:DescribeTable", "Resource": "arn:aws:dynamodb:::table/x"}
        richer["Statement"].append(more)
        expect(list(differences(richer, exact, set())), f"{name}: an unused grant was not found")
        wider = copy.deepcopy(policy)
        wider["Statement"].append({"Sid": "Wider", "Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"})
        expect(len(list(faults(wider, wanted[name]))) >= 2, f"{name}: a wildcard was not found")
        expect(list(differences(policy, exact, {("dynamodb:Scan", "x")})), f"{name}: a refused call was not found")
        tried += 3
    print(f"least privilege, self-test: {tried} changes to {len(functions)} roles, each found", file=sys.stderr)


def needed(policy, index, action):
    """Whether taking an action out of a statement changes what the policy means: a denial of a call that is not granted does not."""
    statement = policy["Statement"][index]
    return statement["Effect"] == "Allow" or action in {granted for granted, _ in grants(policy)}


def append_only(stack, names):
    """Tries to change and to remove an event, alone and in a transaction, with the credentials of each function."""
    import boto3
    from botocore.exceptions import ClientError

    table = {"TableName": stack["table"]}
    key = {**table, "Key": {"pk": {"S": "EVENTS#COMPANY#append-only"}, "sk": {"S": "EVENT#append-only"}}}
    change = {**key, "UpdateExpression": "SET touched = :yes", "ExpressionAttributeValues": {":yes": {"BOOL": True}}}
    functions = local.client("lambda", stack["endpoint"])
    for name in names:
        role = functions.get_function_configuration(FunctionName=stack["functions"][name])["Role"]
        query = urllib.parse.urlencode({"function": stack["functions"][name], "role": role})
        held = local.http("GET", f"{stack['control_url']}/credentials?{query}")
        table_as_function = boto3.client(
            "dynamodb", endpoint_url=stack["endpoint"], region_name=stack["region"], aws_access_key_id=held["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=held["AWS_SECRET_ACCESS_KEY"], aws_session_token=held["AWS_SESSION_TOKEN"])
        for what, attempt in (
            ("change an event", lambda: table_as_function.update_item(**change)),
            ("remove an event", lambda: table_as_function.delete_item(**key)),
            ("change an event in a transaction", lambda: table_as_function.transact_write_items(TransactItems=[{"Update": change}])),
            ("remove an event in a transaction", lambda: table_as_function.transact_write_items(TransactItems=[{"Delete": key}])),
        ):
            try:
                attempt()
            except ClientError as refused:
                code = refused.response["Error"]["Code"]
                expect(code == "AccessDeniedException", f"{name} tried to {what} and was refused for another reason: {code}")
            else:
                raise Missing(f"{name} can {what}")
    print(f"least privilege: none of {len(names)} functions can change or remove an event", file=sys.stderr)


def expect(holds, otherwise):
    if not holds:
        raise Missing(otherwise)


def main(arguments):
    if arguments not in (["forget"], ["compare"], ["self-test"], ["append-only"]):
        sys.exit(__doc__.strip())
    local.in_environment("least_privilege.py")
    stack, template = local.described(), local.load_template()
    match arguments:
        case ["forget"]:
            control(stack, "DELETE")
        case ["compare"]:
            found = compare(stack, template)
            if found:
                rest = f"\n  and {len(found) - MOST_LISTED} more" if len(found) > MOST_LISTED else ""
                raise Missing("the roles and what was done differ:\n  " + "\n  ".join(found[:MOST_LISTED]) + rest)
            print("least privilege: every grant was used, and nothing else was tried", file=sys.stderr)
        case ["self-test"]:
            self_test(stack, template)
        case ["append-only"]:
            append_only(stack, list(local.functions_of(template)))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Missing as missing:
        sys.exit(f"error: {missing}")
