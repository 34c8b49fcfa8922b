#!/usr/bin/env python3
"""Compares what each function's role allows with what the function did.

    least_privilege.py forget       start of a run: forget what was seen
    least_privilege.py compare      end of a run: fails when they differ, either way
    least_privilege.py self-test    changes the deployed roles one by one, and fails unless each change is found
    least_privilege.py template     the same for the roles as the template has them; needs no stack
    least_privilege.py append-only  tries, as each function, to change and to remove an event: refused; and to put one over an event,
                                    a seal, the published keys, a relation and an invitation: refused to all but those that must

A right that is granted and never used is a difference, so is a call that nothing grants (it was refused).
A role is all its policies together: its own and the shared ones that it attaches. So a shared policy may
hold only what everyone who attaches it uses, and a role may attach only what it uses in full.

The roles are read as deployed, so every intrinsic function is resolved; the calls are those that the
emulator's IAM decided on, where a transaction counts as the calls on its items and a query of an index as
a call on that index (see emulator.py).

A write is compared by its partition key too: a role names the kinds of keys (`COMPANY#*`) that each of its writes is for, and
each kind must have been written. IAM sees no sort key. What decides access shares its partition key with a tenant's other items,
so IAM tells it by the attributes that no other items have, and the functions that may write those are compared as well
(docs/decisions/0047-keys-that-a-role-writes.md).

Statements whose Sid begins with `Platform` serve the Lambda service, which acts outside what can be
seen here. They must be exactly what the function's settings call for.
"""
# Proves: 21, M10, M14, S5, S13

import sys
import urllib.parse

sys.dont_write_bytecode = True

import stack as local  # noqa: E402
from rights import (  # noqa: E402
    GUARDS, PUT, UPDATE, Role, changes, differences, exempt, faults, grants, guard_changes, key_changes, keys_of, passes, platform_of,
    roles_of, writable, write_differences, writes_of)
from tools import Missing  # noqa: E402

MOST_LISTED = 200


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
        written, attributes = ({tuple(each) for each in seen[kind].get(full, [])} for kind in ("written", "attributes"))
        found += [f"{name} {difference}" for difference in write_differences(roles[name], written, attributes)]
        found += [f"{name} has {sid} with {other}, which is no function" for sid in GUARDS
                  for other in set(exempt(roles[name], sid) or []) - set(functions)]
    found += [f"{arn} is attached by no function" for arn in shared if not any(arn in role.policies for role in roles.values())]
    return found


# What is only ever added, by the kind of its partition keys.
ADDED = ["EVENTS#COMPANY", "EVENTS#FIRM", "EVENTS#SEALS#COMPANY", "EVENTS#SEALS#FIRM"]
# What else only some may put: the partition key and its kind, the sort key, the attributes.
DECISIVE = {
    "the published keys": ("KEYS", "KEYS", "append-only", {}),
    "a member": ("COMPANY#append-only", "COMPANY#*", "MEMBER#append-only", {"grants": {"SS": ["bank.view"]}}),
    "a place on staff": ("FIRM#append-only", "FIRM#*", "STAFF#append-only", {"role": {"S": "admin"}}),
    "an invitation": ("INVITATION#append-only", "INVITATION#*", "INVITATION", {"offer": {"M": {}}}),
}


def self_test(template, roles, shared):
    """Changes roles one by one, each compared with a run that used it exactly."""
    functions = local.functions_of(template)
    wanted = {name: platform_of(template["Resources"][logical_id]["Properties"]) for name, logical_id in functions.items()}
    everything = sorted({grant for role in roles.values() for grant in grants(role)})
    patterns = sorted({pattern for role in roles.values() for each in writes_of(role) for pattern in keys_of(each) or []})
    tried = 0
    for name, role in roles.items():
        # A resource with a wildcard (the verified identities) stands for one that it covers.
        exact = {(action, resource.replace("*", "x")) for action, resource in grants(role)}
        written = writable(role)
        attributes = {(PUT, attribute) for sid in GUARDS if passes(role, sid) for attribute in GUARDS[sid]}

        def found(changed, refused=frozenset()):
            return [*differences(changed, exact, refused), *faults(changed, wanted[name]),
                    *write_differences(changed, written, attributes)]

        unprovoked = found(role)
        expect(not unprovoked, f"{name}: an exact run must show no difference and the role no fault, and shows {unprovoked}")
        for what, changed in [*changes(role, shared, everything), *key_changes(role, patterns), *guard_changes(role)]:
            expect(found(changed), f"{name}: {what}, and nothing was found")
            tried += 1
        expect(found(role, refused={("dynamodb:Scan", "x")}), f"{name}: a refused call was not found")
        tried += 1
    print(f"least privilege, self-test: {tried} changes to {len(roles)} roles and {len(shared)} shared policies, each found", file=sys.stderr)


def allowed(who, what, attempts):
    """Whether IAM allows some attempts: all or none of them."""
    from botocore.exceptions import ClientError

    results = []
    for attempt in attempts:
        try:
            attempt()
            results.append(True)
        except ClientError as refused:
            code = refused.response["Error"]["Code"]
            expect(code == "AccessDeniedException", f"{who} tried to {what} and was refused for another reason: {code}")
            results.append(False)
    expect(len(set(results)) == 1, f"{who} may {what} in a transaction and not alone, or the reverse")
    return results[0]


def append_only(stack, names):
    """Tries to change, to remove and to put over an event and a seal, and to put over what decides access, alone and in a
    transaction, with the credentials of each function. Only those succeed who must do so."""
    import boto3

    functions = local.client("lambda", stack["endpoint"])
    own = local.client("dynamodb", stack["endpoint"])
    roles, _ = deployed(stack, names)
    table = {"TableName": stack["table"]}
    tables = {}
    for name in names:
        role = functions.get_function_configuration(FunctionName=stack["functions"][name])["Role"]
        query = urllib.parse.urlencode({"function": stack["functions"][name], "role": role})
        held = local.http("GET", f"{stack['control_url']}/credentials?{query}")
        tables[name] = boto3.client(
            "dynamodb", endpoint_url=stack["endpoint"], region_name=stack["region"], aws_access_key_id=held["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=held["AWS_SECRET_ACCESS_KEY"], aws_session_token=held["AWS_SESSION_TOKEN"])

    def who_can(do, what, item):
        """The functions that can put an item, or update or delete the one with its key."""
        key = {**table, "Key": {name: item[name] for name in ("pk", "sk")}}
        others = [name for name in item if name not in ("pk", "sk")] or ["touched"]
        change = {**key, "UpdateExpression": "SET #it = :it", "ExpressionAttributeNames": {"#it": others[0]},
                  "ExpressionAttributeValues": {":it": item.get(others[0], {"BOOL": True})}}
        request = {"put_item": {**table, "Item": item}, "update_item": change, "delete_item": key}[do]
        operation = do.removesuffix("_item").capitalize()

        def can(name):
            client = tables[name]
            return allowed(name, what, [lambda: getattr(client, do)(**request),
                                        lambda: client.transact_write_items(TransactItems=[{operation: request}])])

        own.put_item(**table, Item=item)
        able = [name for name in names if can(name)]
        own.delete_item(**key)
        return able

    def may(action, kind):
        return [name for name in names if (action, kind) in writable(roles[name])]

    recorders = {}
    for kind in ADDED:
        item = {"pk": {"S": f"{kind}#append-only"}, "sk": {"S": "EVENT#append-only"}}
        for do, what in (("update_item", "change"), ("delete_item", "remove")):
            able = who_can(do, f"{what} {kind}", item)
            expect(not able, f"{able} can {what} {kind}")
        recorders[kind] = who_can("put_item", f"put over {kind}", item)
        expect(recorders[kind] == may(PUT, f"{kind}#*"), f"{kind} can be put over by {recorders[kind]}")
    for kind in ("EVENTS#SEALS#COMPANY", "EVENTS#SEALS#FIRM"):
        expect(recorders[kind] == ["seal"], f"seals can be put over by {recorders[kind]}")
    expect(not {"seal", "export"} & {*recorders["EVENTS#COMPANY"], *recorders["EVENTS#FIRM"]}, "a function that records nothing can put events")

    decisive = {}
    for thing, (pk, kind, sk, attributes) in DECISIVE.items():
        item = {"pk": {"S": pk}, "sk": {"S": sk}, **attributes}
        sids = [sid for sid, under_guard in GUARDS.items() if under_guard & set(attributes)]
        for do, action in (("put_item", PUT), ("update_item", UPDATE)):
            able = who_can(do, f"{do} {thing}", item)
            expected = [name for name in may(action, kind) if all(passes(roles[name], sid) for sid in sids)]
            expect(able == expected, f"{able} can {do} {thing}, and {expected} may")
            decisive[thing, do] = able
    expect(decisive["the published keys", "put_item"] == ["switch-context"], "not `switch-context` alone can publish keys")
    members = decisive["a member", "put_item"]
    print(f"least privilege: none of {len(names)} functions can change or remove an event or a seal; only `seal` can put over a seal, and "
          f"only `switch-context` over the published keys; {len(recorders['EVENTS#COMPANY'])} can put over a company's event: "
          f"{', '.join(recorders['EVENTS#COMPANY'])}; {len(members)} can put over a member: {', '.join(members)}", file=sys.stderr)


def expect(holds, otherwise):
    if not holds:
        raise Missing(otherwise)


def main(arguments):
    if arguments not in (["forget"], ["compare"], ["self-test"], ["append-only"], ["template"]):
        sys.exit(__doc__.strip())
    local.in_environment("least_privilege.py")
    template = local.load_template()
    if arguments == ["template"]:
        self_test(template, *roles_of(template, local.functions_of(template)))
        return
    stack = local.described()
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
            self_test(template, *deployed(stack, local.functions_of(template)))
        case ["append-only"]:
            append_only(stack, list(local.functions_of(template)))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Missing as missing:
        sys.exit(f"error: {missing}")
