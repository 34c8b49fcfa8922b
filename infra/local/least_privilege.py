#!/usr/bin/env python3
"""Compares what each function's role allows with what the function did.

    least_privilege.py forget       start of a run: forget what was seen
    least_privilege.py compare      end of a run: fails when they differ, either way
    least_privilege.py self-test    changes the roles of today one by one, and fails unless each change is found
    least_privilege.py append-only  tries, as each function, to change and to remove an event: refused; and to put one over an event
                                    and over a seal: refused to all but those that record events, and to all but `seal`

A right that is granted and never used is a difference, so is a call that nothing grants (it was refused).
A role is all its policies together: its own and the shared ones that it attaches. So a shared policy may
hold only what everyone who attaches it uses, and a role may attach only what it uses in full.

The roles are read as deployed, so every intrinsic function is resolved; the calls are those that the
emulator's IAM decided on, where a transaction counts as the calls on its items and a query of an index as
a call on that index (see emulator.py).

IAM cannot tell a put of a new item from one over an old item. So a role is denied to put what its function never put: events
where it records none, seals unless it is `seal`.

Statements whose Sid begins with `Platform` serve the Lambda service, which acts outside what can be
seen here. They must be exactly what the function's settings call for.
"""
# Proves: 21, M10, M14, S5

import collections
import copy
import dataclasses
import fnmatch
import re
import sys
import urllib.parse

sys.dont_write_bytecode = True

import stack as local  # noqa: E402
from tools import Missing  # noqa: E402

MOST_LISTED = 200

# Calls that change or remove: nobody may make one on an event. The first two are denied to every role, used or not.
ALWAYS_DENIED = {"dynamodb:UpdateItem", "dynamodb:DeleteItem"}
REWRITING = ALWAYS_DENIED | {"dynamodb:BatchWriteItem", "dynamodb:PartiQLUpdate", "dynamodb:PartiQLDelete"}
EVENT_KEYS = "EVENTS#*"

# What is only ever added, by the kind of its partition keys, and a key of each.
PUT = "dynamodb:PutItem"
ADDED = {"EVENTS#COMPANY": "EVENTS#COMPANY#append-only", "EVENTS#FIRM": "EVENTS#FIRM#append-only",
         "EVENTS#SEALS#COMPANY": "EVENTS#SEALS#COMPANY#append-only", "EVENTS#SEALS#FIRM": "EVENTS#SEALS#FIRM#append-only"}

# AWS's quota of managed policies on one role, when nobody asked for more.
MOST_ATTACHED = 10

PLATFORM = {
    "PlatformLogs": {"logs:CreateLogStream", "logs:PutLogEvents"},
    "PlatformTraces": {"xray:PutTelemetryRecords", "xray:PutTraceSegments"},
    "PlatformQueue": {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"},
    "PlatformStream": {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"},
    "PlatformDeadLetters": {"sqs:SendMessage"},
}


@dataclasses.dataclass
class Role:
    """What a function acts as. Policies are named by their ARN when they are shared, by their name when they are its own."""

    policies: dict
    tags: dict
    log_group: str

    def statements(self):
        return [statement for policy in self.policies.values() for statement in policy["Statement"]]

    def with_policy(self, name, policy):
        return dataclasses.replace(self, policies={**self.policies, name: policy})

    def without_policy(self, name):
        return dataclasses.replace(self, policies={each: policy for each, policy in self.policies.items() if each != name})


def listed(value):
    return value if isinstance(value, list) else [value]


def pairs(statement):
    return [(action, resource) for action in listed(statement["Action"]) for resource in listed(statement["Resource"])]


def granted_pairs(role):
    """The pairs of action and resource that a role allows our code, as often as it grants them."""
    return [
        pair
        for statement in role.statements()
        if statement["Effect"] == "Allow" and not statement["Sid"].startswith("Platform")
        for pair in pairs(statement)
    ]


def grants(role):
    return set(granted_pairs(role))


def covers(grant, call):
    return fnmatch.fnmatchcase(call[0], grant[0]) and fnmatch.fnmatchcase(call[1], grant[1])


def short(resource):
    """A resource without the parts of its ARN that are the same for all."""
    return resource.split(":", 5)[-1]


def differences(role, calls, refused):
    """What differs between one role and the calls of one run, as sentences."""
    granted = grants(role)
    for action, resource in sorted(granted):
        if not any(covers((action, resource), call) for call in calls):
            yield f"may {action} on {short(resource)}, and never did"
    for action, resource in sorted(calls):
        if not any(covers(grant, (action, resource)) for grant in granted):
            yield f"did {action} on {short(resource)}, which nothing grants"
    for action, resource in sorted(refused):
        yield f"was refused {action} on {short(resource)}"


def denied_keys(role, action):
    """The patterns of partition keys on which a role is denied an action."""
    return [
        pattern
        for statement in role.statements()
        if statement["Effect"] == "Deny" and action in listed(statement["Action"])
        and statement.get("Condition", {}).keys() == {"ForAnyValue:StringLike"}
        for pattern in statement["Condition"]["ForAnyValue:StringLike"]["dynamodb:LeadingKeys"]
    ]


def puttable(role):
    """The kinds of what is only ever added that a role may put."""
    if not any(action == PUT for action, _ in grants(role)):
        return set()
    denied = denied_keys(role, PUT)
    return {kind for kind, key in ADDED.items() if not any(fnmatch.fnmatchcase(key, pattern) for pattern in denied)}


def added(name, role, written):
    """How the kinds of events and seals that a function put differ from those that it may put, as sentences. Events of companies
    and of firms count as one kind: a function that records any may record both. So do their seals."""
    def of(kinds):
        return {"seals" if kind.startswith("EVENTS#SEALS") else "events" for kind in kinds if kind.startswith("EVENTS")}

    may, did = of(puttable(role)), of(kind for action, kind in written if action == PUT)
    yield from (f"may put {what}, and never did: IAM would let it put over them" for what in sorted(may - did))
    yield from (f"put {what}, which it is denied" for what in sorted(did - may))
    if "seals" in may and name != "seal":
        yield "may put seals, which only `seal` may"


def faults(role, wanted_platform):
    """What is wrong with a role whatever was done."""
    sids = collections.Counter(each["Sid"] for each in role.statements())
    yield from (f"has two statements {sid}" for sid, count in sids.items() if count > 1)
    platform = {sid for sid in sids if sid.startswith("Platform")}
    if platform != wanted_platform:
        yield f"has the platform statements {sorted(platform)}, and its settings call for {sorted(wanted_platform)}"
    for statement in role.statements():
        sid, actions, resources = statement["Sid"], listed(statement["Action"]), listed(statement["Resource"])
        if sid in platform and set(actions) != PLATFORM.get(sid):
            yield f"{sid} allows {actions}, not {sorted(PLATFORM.get(sid, []))}"
        if sid == "PlatformLogs":
            groups = [resolved(resource, role.tags).split(":log-group:", 1)[-1].removesuffix(":*") for resource in resources]
            if groups != [role.log_group]:
                yield f"{sid} is for {groups}, and the function logs to {role.log_group}"
        if statement["Effect"] == "Allow":
            yield from (f"{sid} names an action with a wildcard: {action}" for action in actions if "*" in action)
            yield from (f"{sid} allows a scan" for action in actions if action == "dynamodb:Scan")
            if sid != "PlatformTraces":  # X-Ray has no resources to name
                yield from (f"{sid} is for every resource" for resource in resources if resource == "*")
    for (action, resource), count in collections.Counter(granted_pairs(role)).items():
        if count > 1:
            yield f"may {action} on {short(resource)} by {count} statements"
    rewriting = {action for action, _ in grants(role)} & REWRITING
    for action in sorted(rewriting | ALWAYS_DENIED):
        if EVENT_KEYS in denied_keys(role, action):
            continue
        yield f"is not denied {action} on events, which are only ever added"
    attached = [name for name in role.policies if name.startswith("arn:")]
    if len(attached) > MOST_ATTACHED:
        yield f"attaches {len(attached)} policies, and AWS allows {MOST_ATTACHED}"
    yield from (f"attaches {name}, which is not this stack's" for name in attached if name.split(":")[4] == "aws")


def resolved(resource, tags):
    """A resource with IAM's policy variables replaced by the tags of the role. An unknown variable stays, as IAM then grants nothing."""
    return re.sub(r"\$\{aws:PrincipalTag/([^}]+)\}", lambda found: tags.get(found[1], found[0]), resource)


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


def document_of(iam, arn):
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]


def deployed(stack, names):
    """The functions' roles and the policies that they can share, as deployed: function -> Role, ARN -> policy."""
    iam, functions = local.client("iam", stack["endpoint"]), local.client("lambda", stack["endpoint"])
    shared = {each["Arn"]: document_of(iam, each["Arn"]) for each in iam.list_policies(Scope="Local")["Policies"]}
    roles = {}
    for name in names:
        configuration = functions.get_function_configuration(FunctionName=stack["functions"][name])
        role = configuration["Role"].rsplit("/", 1)[-1]
        own = {each: iam.get_role_policy(RoleName=role, PolicyName=each)["PolicyDocument"]
               for each in iam.list_role_policies(RoleName=role)["PolicyNames"]}
        attached = [each["PolicyArn"] for each in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]]
        roles[name] = Role(
            policies={**own, **{arn: shared.get(arn) or document_of(iam, arn) for arn in attached}},
            # CloudFormation's own tags name the stack, not the role.
            tags={each["Key"]: each["Value"] for each in iam.list_role_tags(RoleName=role)["Tags"] if not each["Key"].startswith("aws:")},
            log_group=configuration["LoggingConfig"]["LogGroup"],
        )
    return roles, shared


def control(stack, method):
    return local.http(method, f"{stack['control_url']}/iam")


def compare(stack, template):
    functions = local.functions_of(template)
    seen = control(stack, "GET")
    roles, shared = deployed(stack, functions)
    found = []
    for name, logical_id in functions.items():
        full = stack["functions"][name].rsplit(":", 1)[-1]
        calls, refused = ({tuple(call) for call in seen[kind].get(full, [])} for kind in ("allowed", "denied"))
        wanted = platform_of(template["Resources"][logical_id]["Properties"])
        found += [f"{name} {fault}" for fault in faults(roles[name], wanted)]
        found += [f"{name} {difference}" for difference in differences(roles[name], calls, refused)]
        written = {tuple(write) for write in seen["written"].get(full, [])}
        found += [f"{name} {difference}" for difference in added(name, roles[name], written)]
    found += [f"{arn} is attached by no function" for arn in shared if not any(arn in role.policies for role in roles.values())]
    return found


def self_test(stack, template):
    """Changes the deployed roles, each compared with a run that used it exactly."""
    functions = local.functions_of(template)
    wanted = {name: platform_of(template["Resources"][logical_id]["Properties"]) for name, logical_id in functions.items()}
    roles, shared = deployed(stack, functions)
    everything = sorted({grant for role in roles.values() for grant in grants(role)})
    tried = 0
    for name, role in roles.items():
        # A resource with a wildcard (the verified identities) stands for one that it covers.
        exact = {(action, resource.replace("*", "x")) for action, resource in grants(role)}
        written = {(PUT, kind) for kind in puttable(role)}

        def found(changed, refused=frozenset()):
            return [*differences(changed, exact, refused), *faults(changed, wanted[name]), *added(name, changed, written)]

        unprovoked = found(role)
        expect(not unprovoked, f"{name}: an exact run must show no difference and the role no fault, and shows {unprovoked}")
        for what, changed in changes(role, shared, everything):
            expect(found(changed), f"{name}: {what}, and nothing was found")
            tried += 1
        expect(found(role, refused={("dynamodb:Scan", "x")}), f"{name}: a refused call was not found")
        tried += 1
    print(f"least privilege, self-test: {tried} changes to {len(roles)} roles and {len(shared)} shared policies, each found", file=sys.stderr)


def changes(role, shared, everything):
    """Every way in which a role can come to hold one right more or less, or one wider: what was done, and the role after it."""
    for policy_name, policy in role.policies.items():
        for index, statement in enumerate(policy["Statement"]):
            for action in listed(statement["Action"]):
                poorer = copy.deepcopy(policy)
                poorer["Statement"][index]["Action"] = [each for each in listed(statement["Action"]) if each != action]
                yield f"{policy_name} lost {action} of {statement['Sid']}", role.with_policy(policy_name, poorer)
        for action, resource in [*everything, ("dynamodb:DescribeTable", "arn:aws:dynamodb:::table/x"), ("dynamodb:*", "*")]:
            richer = copy.deepcopy(policy)
            richer["Statement"].append({"Sid": "More", "Effect": "Allow", "Action": action, "Resource": resource})
            yield f"{policy_name} gained {action} on {short(resource)}", role.with_policy(policy_name, richer)
    for arn, policy in shared.items():
        if arn in role.policies:
            yield f"{arn} was detached", role.without_policy(arn)
        else:
            yield f"{arn} was attached", role.with_policy(arn, policy)
    for tag in role.tags:
        yield f"the tag {tag} was changed", dataclasses.replace(role, tags={**role.tags, tag: "another"})


def append_only(stack, names):
    """Tries to change, to remove and to put over an event and a seal, alone and in a transaction, with the credentials of each
    function. Only a put can be allowed: over an event to the functions that record events, over a seal to `seal`."""
    import boto3
    from botocore.exceptions import ClientError

    functions = local.client("lambda", stack["endpoint"])
    own = local.client("dynamodb", stack["endpoint"])
    roles, _ = deployed(stack, names)
    table = {"TableName": stack["table"]}
    putters = collections.defaultdict(list)
    for kind, pk in ADDED.items():
        item = {"pk": {"S": pk}, "sk": {"S": "EVENT#append-only"}}
        key, put = {**table, "Key": item}, {**table, "Item": {**item, "touched": {"BOOL": True}}}
        change = {**key, "UpdateExpression": "SET touched = :yes", "ExpressionAttributeValues": {":yes": {"BOOL": True}}}
        own.put_item(**table, Item=item)
        for name in names:
            role = functions.get_function_configuration(FunctionName=stack["functions"][name])["Role"]
            query = urllib.parse.urlencode({"function": stack["functions"][name], "role": role})
            held = local.http("GET", f"{stack['control_url']}/credentials?{query}")
            table_as_function = boto3.client(
                "dynamodb", endpoint_url=stack["endpoint"], region_name=stack["region"], aws_access_key_id=held["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=held["AWS_SECRET_ACCESS_KEY"], aws_session_token=held["AWS_SESSION_TOKEN"])

            def can(what, attempt):
                try:
                    attempt()
                except ClientError as refused:
                    code = refused.response["Error"]["Code"]
                    expect(code == "AccessDeniedException", f"{name} tried to {what} {pk} and was refused for another reason: {code}")
                    return False
                return True

            for what, attempt in (
                ("change", lambda: table_as_function.update_item(**change)),
                ("remove", lambda: table_as_function.delete_item(**key)),
                ("change in a transaction", lambda: table_as_function.transact_write_items(TransactItems=[{"Update": change}])),
                ("remove in a transaction", lambda: table_as_function.transact_write_items(TransactItems=[{"Delete": key}])),
            ):
                expect(not can(what, attempt), f"{name} can {what} {pk}")
            puts = [can("put over", lambda: table_as_function.put_item(**put)),
                    can("put over in a transaction", lambda: table_as_function.transact_write_items(TransactItems=[{"Put": put}]))]
            expect(len(set(puts)) == 1, f"{name} may put over {pk} in a transaction and not alone, or the reverse")
            if puts[0]:
                putters[kind].append(name)
        own.delete_item(**key)
        expect(putters[kind] == [name for name in names if kind in puttable(roles[name])], f"{kind}: {putters[kind]}")
    for kind in ("EVENTS#SEALS#COMPANY", "EVENTS#SEALS#FIRM"):
        expect(putters[kind] == ["seal"], f"seals can be put over by {putters[kind]}")
    expect("seal" not in putters["EVENTS#COMPANY"] and "export" not in putters["EVENTS#COMPANY"], "a function that records nothing can put events")
    print(f"least privilege: none of {len(names)} functions can change or remove an event or a seal; only `seal` can put over a seal; over "
          f"an event those can that record events, {len(putters['EVENTS#COMPANY'])} of them: {', '.join(putters['EVENTS#COMPANY'])}", file=sys.stderr)


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
