"""What a role allows our code, and how that differs from what its function did. Knows no stack and no clock: least_privilege.py
brings the roles and the calls."""

import collections
import copy
import dataclasses
import fnmatch
import re

# Calls that change or remove: nobody may make one on an event. The first two are denied to every role, used or not.
ALWAYS_DENIED = {"dynamodb:UpdateItem", "dynamodb:DeleteItem"}
REWRITING = ALWAYS_DENIED | {"dynamodb:BatchWriteItem", "dynamodb:PartiQLUpdate", "dynamodb:PartiQLDelete"}
EVENT_KEYS = "EVENTS#*"

PUT, UPDATE = "dynamodb:PutItem", "dynamodb:UpdateItem"
WRITES = {PUT, UPDATE, "dynamodb:DeleteItem"}
KEYS, ATTRIBUTES, FUNCTION = "dynamodb:LeadingKeys", "dynamodb:Attributes", "aws:PrincipalTag/function"
KIND = re.compile(r"[A-Z]+(#[A-Z]+)*(#\*)?")

# Attributes that only some functions may write: each by the Sid of its denial, which every role attaches.
GUARDS = {"KeepRelations": {"grants", "lent", "role"}, "KeepInvitations": {"offer"}}
# Attributes that a function is denied to write besides, by the Sid of its own denial: of items that share its partitions.
DENIALS = {"mail-preferences": {"KeepProfiles": {"email"}}}

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
        # The bucket's policy refuses what the role grants: to read a file that is not tagged as clean.
        if action.startswith("s3:") and any(covers(grant, (action, resource)) for grant in granted):
            continue
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


def keys_of(statement):
    """The patterns of partition keys that a statement is for; None unless it is for these and nothing else. A request without a
    key would satisfy a condition on all its keys, so the statement must ask for one."""
    condition = statement.get("Condition", {})
    patterns = listed(condition.get("ForAllValues:StringLike", {}).get(KEYS, []))
    same = condition == {"ForAllValues:StringLike": {KEYS: patterns}, "Null": {KEYS: "false"}}
    return patterns if same else None


def writes_of(role):
    """The statements that allow a role to write to the table."""
    return [each for each in role.statements() if each["Effect"] == "Allow" and WRITES & set(listed(each["Action"]))]


def writable(role):
    """What a role may write: pairs of action and kind of partition keys, as their pattern."""
    return {(action, pattern) for statement in writes_of(role) for pattern in keys_of(statement) or []
            for action in listed(statement["Action"]) if action in WRITES}


def exempt(role, sid):
    """The functions that a guard lets through; None where the role has no such guard."""
    for statement in role.statements():
        condition = statement.get("Condition", {})
        functions = listed(condition.get("StringNotEquals", {}).get(FUNCTION, []))
        attributes = listed(condition.get("ForAnyValue:StringEquals", {}).get(ATTRIBUTES, []))
        if (statement["Sid"], statement["Effect"], set(listed(statement["Action"]))) == (sid, "Deny", {PUT, UPDATE}) \
                and condition == {"ForAnyValue:StringEquals": {ATTRIBUTES: attributes}, "StringNotEquals": {FUNCTION: functions}} \
                and set(attributes) == GUARDS[sid]:
            return functions
    return None


def denies(statement, sid, attributes):
    """Whether a statement denies to put items with these attributes, whatever else the request is."""
    condition = statement.get("Condition", {})
    denied = listed(condition.get("ForAnyValue:StringEquals", {}).get(ATTRIBUTES, []))
    return (statement["Sid"], statement["Effect"], set(listed(statement["Action"]))) == (sid, "Deny", {PUT}) \
        and condition == {"ForAnyValue:StringEquals": {ATTRIBUTES: denied}} and set(denied) == attributes


def passes(role, sid):
    return role.tags.get("function") in (exempt(role, sid) or [])


def write_differences(role, written, attributes):
    """How what a function wrote differs from what its role lets it write, as sentences: the kinds of partition keys, and the
    attributes under guard."""
    may = writable(role)
    yield from (f"may {action} under {kind}, and never did" for action, kind in sorted(may - written))
    yield from (f"did {action} under {kind}, which nothing allows" for action, kind in sorted(written - may))
    for sid, under_guard in GUARDS.items():
        did = sorted(under_guard & {attribute for _, attribute in attributes})
        if passes(role, sid) and not did:
            yield f"is let through by {sid}, and never wrote {sorted(under_guard)}"
        if did and not passes(role, sid):
            yield f"wrote {did}, which {sid} denies"


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
    for statement in writes_of(role):
        sid, patterns = statement["Sid"], keys_of(statement)
        if patterns is None:
            yield f"{sid} allows writes without saying to which partition keys"
        yield from (f"{sid} is for {pattern}, which is no kind of key" for pattern in patterns or [] if not KIND.fullmatch(pattern))
    yield from (f"lacks the guard {sid} of {sorted(GUARDS[sid])}" for sid in GUARDS if exempt(role, sid) is None)
    for sid, attributes in DENIALS.get(role.tags.get("function"), {}).items():
        if not any(denies(each, sid, attributes) for each in role.statements()):
            yield f"lacks the denial {sid} of {sorted(attributes)}"
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


def plain(value):
    """A value of the template with its intrinsic functions as text: `!GetAtt Table.Arn` is `Table.Arn`."""
    match value:
        case {"Ref": name}:
            return name
        case {"Fn::GetAtt": parts}:
            return parts if isinstance(parts, str) else ".".join(parts)
        case {"Fn::Sub": str(text)}:
            return text.replace("${!", "${")
        case dict():
            return {key: plain(each) for key, each in value.items()}
        case list():
            return [plain(each) for each in value]
        case _:
            return value


def roles_of(template, functions):
    """The functions' roles and the policies that they can share, as the template says: function -> Role, ARN -> policy."""
    resources = {name: (each["Type"], plain(each.get("Properties", {}))) for name, each in template["Resources"].items()}

    def arn(name):
        return f"arn:aws:iam::template:policy/{name}"

    shared = {arn(name): each["PolicyDocument"] for name, (kind, each) in resources.items() if kind == "AWS::IAM::ManagedPolicy"}
    roles = {}
    for name, logical_id in functions.items():
        _, role = resources[resources[logical_id][1]["Role"].removesuffix(".Arn")]
        own = {each["PolicyName"]: each["PolicyDocument"] for each in role.get("Policies", [])}
        roles[name] = Role(
            policies={**own, **{arn(each): shared[arn(each)] for each in role["ManagedPolicyArns"]}},
            tags={each["Key"]: each["Value"] for each in role["Tags"]},
            log_group=f"/aws/lambda/${{AWS::StackName}}-{name}",
        )
    return roles, shared


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


def with_condition(role, policy_name, index, condition):
    """A role of which one statement has another condition."""
    changed = copy.deepcopy(role.policies[policy_name])
    changed["Statement"][index]["Condition"] = condition
    return role.with_policy(policy_name, changed)


def key_changes(role, patterns):
    """Every way in which a role's writes can come to be for one kind of keys more or less, or for any key."""
    for policy_name, policy in role.policies.items():
        for index, statement in enumerate(policy["Statement"]):
            if statement not in writes_of(role):
                continue
            own, what = keys_of(statement), f"{statement['Sid']} of {policy_name}"
            only = {"ForAllValues:StringLike": {KEYS: own}}
            yield f"{what} lost its keys", with_condition(role, policy_name, index, {})
            yield f"{what} takes requests without a key", with_condition(role, policy_name, index, only)
            cut = {pattern.removesuffix("#*") for pattern in own}
            fewer = [(f"lost {pattern}", [each for each in own if each != pattern]) for pattern in own]
            more = [(f"gained {pattern}", [*own, pattern]) for pattern in {*patterns, *cut, "*", "EVENTS#*", "COMP*"} - set(own)]
            for changed, keys in [*fewer, *more]:
                condition = {"ForAllValues:StringLike": {KEYS: keys}, "Null": {KEYS: "false"}}
                yield f"{what} {changed}", with_condition(role, policy_name, index, condition)


def guard_changes(role):
    """Every way in which a guard can come to let the function through, or no longer, or to guard less."""
    name = role.tags["function"]
    for policy_name, policy in role.policies.items():
        for index, statement in enumerate(policy["Statement"]):
            sid, condition = statement["Sid"], statement.get("Condition", {})
            if sid not in GUARDS:
                continue
            let_through = exempt(role, sid)
            others = [each for each in let_through if each != name]
            changed = {**condition, "StringNotEquals": {FUNCTION: others if name in let_through else [*let_through, name]}}
            yield f"{sid} changed its mind about {name}", with_condition(role, policy_name, index, changed)
            yield f"{sid} has no exceptions", with_condition(role, policy_name, index, {"ForAnyValue:StringEquals": condition["ForAnyValue:StringEquals"]})
            for attribute in GUARDS[sid]:
                fewer = {**condition, "ForAnyValue:StringEquals": {ATTRIBUTES: sorted(GUARDS[sid] - {attribute})}}
                yield f"{sid} lost {attribute}", with_condition(role, policy_name, index, fewer)
