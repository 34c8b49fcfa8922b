"""Runs the AWS emulator (MiniStack) with what our stack needs and it lacks.

Started by stack.py, in the emulator's own virtual environment. The emulator's version is pinned, so
its internals may be replaced here; `replace` fails loudly when one of them is gone.

What is added, and why:

- IAM: the condition keys `dynamodb:LeadingKeys`, `dynamodb:Attributes` and `ses:FromAddress`, and the resources of a
  `SendEmail`. Without them the policies of the template would be refused or mean nothing here.
- IAM: `aws:PrincipalArn` of a function is its role's, as on AWS, not its session's.
- IAM: a call counts as one over TLS. The emulator is reached in the clear, on this machine alone; a
  bucket's policy that asks for TLS would refuse everything.
- Every decision of IAM about a function's call is kept, so that the roles can be compared with what
  the functions really did (least_privilege.py); of what they wrote to the table also the kinds of keys, and
  the attributes.
- S3: a bucket that CloudFormation makes may have Object Lock, which the emulator then enforces. A caller who asks for an
  object that does not exist gets "not found" only with the right to list the bucket, as on AWS; others are refused. What documents
  need besides is in emulator_s3.py.
- GuardDuty: a malware protection plan that CloudFormation makes is the scanner of scanner.py.
- A sent mail keeps its `ReplyTo`, headers and configuration set, which the emulator's mailbox drops.
- The API answers at the root of a port of its own, as it does on AWS.
- A function's output goes to a file as it is written.
- A schedule can be made due at once.
- Two waits of the emulator, worth about 90 ms in each invocation, are gone.
- The code of a function is unpacked and hashed at its first start alone: the emulator hashes its 50 MB at each.
- An environment that waits for its next invocation sleeps. The emulator wakes it twenty times a second, which is a
  third of a processor for the environments that a test run leaves behind.
- A person is looked up among the user pool's people as they are at one instant. The emulator walks
  them while neighbours sign up; when it notices, it answers 500 or takes a good token for a bad one.
- The code of a sign-up verifies the address that it was mailed to, and a password is reset by mail only for a person
  who may use the account and whose address is verified. The emulator does neither.
- An alarm that compares metrics is made as one on the first of them: the emulator's CloudFormation knows no
  other, and no alarm goes off here.
- An HTTP API gets the routes, integrations and authorizers of its OpenAPI body, as on AWS. The emulator ignores
  the body. They belong to the API and not to the stack, so both stacks count the same resources.

Control, on the emulator's port: GET and DELETE /_countersign/iam, POST /_countersign/schedules/{name},
GET /_countersign/mail?to=<address>&seen=<number>, GET /_countersign/credentials?function=<ARN>&role=<ARN>,
/_countersign/scanner/… (scanner.py).
"""

import asyncio
import contextlib
import functools
import gc
import importlib
import itertools
import json
import os
import pathlib
import queue
import re
import socket
import socketserver
import sys
import types
import time
import urllib.parse

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

GATEWAY_PORT = int(os.environ["GATEWAY_PORT"])
API_PORT = int(os.environ["COUNTERSIGN_API_PORT"])
API_ID = os.environ["COUNTERSIGN_API_ID"]
LOG_DIR = pathlib.Path(os.environ["COUNTERSIGN_FUNCTION_LOGS"])

# The processes of the functions inherit this environment; these three are ours alone.
for name in ("COUNTERSIGN_API_PORT", "COUNTERSIGN_API_ID", "COUNTERSIGN_FUNCTION_LOGS"):
    del os.environ[name]

from ministack import app as gateway  # noqa: E402  (reads the environment when imported)
from ministack.core import iam_actions, iam_evaluator, lambda_runtime  # noqa: E402
from ministack.core.router import extract_access_key_id, extract_region  # noqa: E402
from ministack.services import apigateway, cognito, dynamodb, eventbridge, s3, scheduler, ses, ses_v2, sts  # noqa: E402
from ministack.services.cloudformation import provisioners  # noqa: E402

sys.dont_write_bytecode = True

import emulator_s3  # noqa: E402
import scanner  # noqa: E402


def gone(what):
    sys.exit(f"{what} is gone: this emulator is not the version that infra/local/requirements-aws.txt pins")


def replace(module, name, wrap):
    """Replaces `module.name` by `wrap(original)`."""
    original = getattr(module, name, None)
    if original is None:
        gone(f"{module.__name__}.{name}")
    setattr(module, name, wrap(original))


def replace_creation(resource_type, wrap):
    """Replaces how CloudFormation creates a resource of this type by `wrap(original)`."""
    handlers = provisioners._RESOURCE_HANDLERS.get(resource_type)
    if not handlers or "create" not in handlers:
        gone(f"the creation of {resource_type}")
    handlers["create"] = wrap(handlers["create"])


# ---- IAM ---------------------------------------------------------------------------------------------


class Checks(str):
    """A resource ARN that carries the checks AWS would make for it: pairs of ARN and condition keys."""

    checks: list

    def __new__(cls, arn, checks):
        made = super().__new__(cls, arn)
        made.checks = checks
        return made


def partition_keys(item):
    """`dynamodb:LeadingKeys` of one item or key: the values of the table's partition key, here always `pk`."""
    value = item.get("pk") if isinstance(item, dict) else None
    return [str(next(iter(value.values())))] if isinstance(value, dict) and value else []


def kind_of_keys(key):
    """The kind of a partition key, as a pattern: the words before the first id or number (`EVENTS#COMPANY#*`), or all (`KEYS`)."""
    parts = key.split("#")
    words = list(itertools.takewhile(lambda part: part.isalpha() and part.isupper(), parts))
    return "#".join(words if words == parts else [*words, "*"])


def accessed(write):
    """`dynamodb:Attributes` of one put, update or delete: the top-level attributes that its item, its key and its expressions name."""
    names = {*(write.get("Item") or {}), *(write.get("Key") or {})}
    placeholders = write.get("ExpressionAttributeNames") or {}
    for expression in ("UpdateExpression", "ConditionExpression"):
        # Words of the language count too: no attribute has such a name.
        for word in re.findall(r"(?<![:.\w#])#?\w+", write.get(expression) or ""):
            names.add(placeholders.get(word, word))
    return sorted(names)


@functools.lru_cache(maxsize=8)
def parsed(body):
    """A body's object, for reading alone: what asks for the same body again gets the same object."""
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


SESSION = re.compile(r"arn:aws:sts::(\d+):assumed-role/([^/]+)/.+")


def resolve_as_on_aws(original):
    def resolve_condition_key(key, context):
        match key.lower():
            case "aws:securetransport":
                return "true"
            case "aws:principalarn":
                # Of somebody who assumed a role, the role's.
                return SESSION.sub(r"arn:aws:iam::\1:role/\2", original(key, context))
            case _:
                return original(key, context)

    return resolve_condition_key


# For how long the emulator may go on with what it knows of a caller, in seconds. A deployment that changes a
# policy takes longer.
KNOWN_FOR_S = 1.0


def known_for_a_moment(original):
    """Asks `original`, whose arguments are texts, once in a moment for the same answer. A refusal is not kept."""
    known = {}

    def answered(*arguments):
        now = time.monotonic()
        until, answer = known.get(arguments, (0, None))
        if now < until:
            return answer
        answer = original(*arguments)
        if len(known) > 4096:
            known.clear()
        if not isinstance(answer, iam_evaluator.AuthError):
            known[arguments] = (now + KNOWN_FOR_S, answer)
        return answer

    return answered


def know_the_caller(original):
    known = known_for_a_moment(lambda access_key, account: original(access_key, account))

    def resolve_principal(access_key_id, account_id, credential=None):
        # A credential that was just verified is the access key's: the policies are the same.
        return known(access_key_id, account_id)

    return resolve_principal


def remember_texts(original):
    """For a pure function of texts."""
    return functools.lru_cache(maxsize=8192)(original)


def parse_once(original):
    parsed_once = functools.lru_cache(maxsize=1024)(original)

    def parse_policy_document(document):
        return parsed_once(document) if isinstance(document, str) else original(document)

    return parse_policy_document


def add_leading_keys(original):
    def dynamodb_service_context(body):
        context = original(body)
        data = parsed(body)
        keys = partition_keys(data.get("Key")) + partition_keys(data.get("Item"))
        for table in (data.get("RequestItems") or {}).values():
            if isinstance(table, dict):
                keys += [key for each in table.get("Keys", []) for key in partition_keys(each)]
            else:
                for write in table:
                    keys += partition_keys(write.get("PutRequest", {}).get("Item"))
                    keys += partition_keys(write.get("DeleteRequest", {}).get("Key"))
        if keys:
            context["dynamodb:LeadingKeys"] = keys
        if names := accessed(data):
            context["dynamodb:Attributes"] = names
        return context

    return dynamodb_service_context


def add_leading_keys_of_each_item(original):
    def dynamodb_transaction_checks(iam_action, body, region, account_id):
        checks = original(iam_action, body, region, account_id)
        if not checks:
            return checks
        found = []
        for item in parsed(body).get("TransactItems", []):
            for member in iam_actions._DYNAMODB_TRANSACT_ITEM_ACTIONS:
                detail = item.get(member) if isinstance(item, dict) else None
                if isinstance(detail, dict) and detail.get("TableName"):
                    leading = partition_keys(detail.get("Key") or detail.get("Item"))
                    found.append({"dynamodb:LeadingKeys": leading, "dynamodb:Attributes": accessed(detail)})
        return [(action, Checks(arn, [(arn, keys)])) for (action, arn), keys in zip(checks, found, strict=True)]

    return dynamodb_transaction_checks


def name_mail_resources(original):
    def extract_resource_arn(service, method, path, headers, body, query_params, region, account_id):
        if service == "ses" and path.endswith("/outbound-emails"):
            mail = parsed(body)
            sender = str(mail.get("FromEmailAddress", ""))
            address = sender.rsplit("<", 1)[-1].rstrip(">").strip()
            prefix = f"arn:aws:ses:{region}:{account_id}"
            keys = {"ses:FromAddress": address}
            checks = [(f"{prefix}:identity/{address}", keys)]
            if mail.get("ConfigurationSetName"):
                checks.append((f"{prefix}:configuration-set/{mail['ConfigurationSetName']}", keys))
            return Checks(checks[0][0], checks)
        return original(service, method, path, headers, body, query_params, region, account_id)

    return extract_resource_arn


class Decisions:
    """What IAM decided about the functions' calls: function -> {(action, resource)}. Bounded by the
    number of distinct pairs, so a call costs one look-up in a set."""

    WRITES = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}

    def __init__(self):
        self.allowed = {}
        self.denied = {}
        self.written = {}
        self.attributes = {}

    def note(self, access_key, action, resource, denied, context):
        session = sts._sessions.get(access_key)
        if session is None:
            return
        function = session["Arn"].rsplit("/", 1)[-1]
        (self.denied if denied else self.allowed).setdefault(function, set()).add((action, str(resource)))
        if action in self.WRITES and not denied:
            keys, names = context.get("dynamodb:LeadingKeys", []), context.get("dynamodb:Attributes", [])
            self.written.setdefault(function, set()).update((action, kind_of_keys(key)) for key in keys)
            self.attributes.setdefault(function, set()).update((action, name) for name in names)

    def forget(self):
        for noted in (self.allowed, self.denied, self.written, self.attributes):
            noted.clear()

    def as_json(self):
        def listed(found):
            return {function: sorted(map(list, pairs)) for function, pairs in sorted(found.items())}

        return {"allowed": listed(self.allowed), "denied": listed(self.denied), "written": listed(self.written),
                "attributes": listed(self.attributes)}


decisions = Decisions()


def note_decisions(original):
    judged = known_for_a_moment(lambda key, action, service, region, arn, context: original(
        key, action, service, region, resource_arn=arn,
        service_context={name: list(value) if isinstance(value, tuple) else value for name, value in context}))

    def judge(access_key_id, iam_action, service, region, arn, context):
        if service != "dynamodb" or iam_evaluator._signed_request.get() is not None:
            # The first question about a request also checks its signature.
            return original(access_key_id, iam_action, service, region, resource_arn=arn, service_context=context)
        known = tuple((name, tuple(value) if isinstance(value, list) else value) for name, value in context.items())
        return judged(access_key_id, iam_action, service, region, str(arn), known)

    def enforce(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        for arn, keys in getattr(resource_arn, "checks", [(resource_arn, {})]):
            context = {**(service_context or {}), **keys}
            denied = judge(access_key_id, iam_action, service, region, arn, context)
            decisions.note(access_key_id, iam_action, arn, denied, context)
            if denied:
                return denied
        return None

    return enforce


# ---- S3 -----------------------------------------------------------------------------------------------


def lock_objects(original):
    def create_bucket(logical_id, props, stack_name):
        name, attributes = original(logical_id, props, stack_name)
        if props.get("ObjectLockEnabled"):
            retention = props["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
            s3._bucket_object_lock[name] = {
                "enabled": True, "default_retention": {"Mode": retention["Mode"], "Days": int(retention["Days"])}}
            s3._bucket_versioning[name] = "Enabled"
        return name, attributes

    return create_bucket


def miss_only_for_those_who_may_list(original):
    def get_object(bucket, key, headers, query_params=None):
        found = original(bucket, key, headers, query_params)
        if found[0] == 404:
            denied = iam_evaluator.enforce(extract_access_key_id(headers, query_params or {}), "s3:ListBucket", "s3",
                                           extract_region(headers, query_params or {}), resource_arn=f"arn:aws:s3:::{bucket}")
            if denied:
                return s3._error("AccessDenied", "Access Denied", 403)
        return found

    return get_object


# ---- Mail --------------------------------------------------------------------------------------------


def keep_whole_mail(original):
    async def handle_request(method, path, headers, body, query_params):
        answer = await original(method, path, headers, body, query_params)
        if path.endswith("/outbound-emails") and answer[0] == 200:
            mail, sent = parsed(body), parsed(answer[2])
            for record in reversed(ses._sent_emails_list()):
                if record["MessageId"] == sent["MessageId"]:
                    record["ReplyTo"] = mail.get("ReplyToAddresses", [])
                    record["Headers"] = mail.get("Content", {}).get("Simple", {}).get("Headers", [])
                    record["ConfigurationSet"] = mail.get("ConfigurationSetName")
                    break
        return answer

    return handle_request


class Mailbox:
    """Every mail that was sent, by recipient. A look sorts in what came since the last one, so it costs no more when
    more was sent."""

    # How long a look waits for another mail at most, and how often it looks meanwhile.
    WAIT_S = 5
    LOOK_EVERY_S = 0.02

    def __init__(self):
        self.mails = []
        self.by_recipient = {}
        self.known = {}

    def sort_in(self):
        for key, mails in list(ses._sent_emails.to_dict().items()):
            if key[-1] != "entries":
                continue
            new = mails[self.known.get(key, 0):]
            self.known[key] = self.known.get(key, 0) + len(new)
            self.mails += new
            for mail in new:
                for to in mail.get("To", []):
                    address = to.rsplit("<", 1)[-1].rstrip(">").strip().lower()
                    self.by_recipient.setdefault(address, []).append(mail)

    async def look(self, recipient=None, seen=None):
        """What `recipient` was sent; with `seen`, as soon as it is more than so many, or at the end of the wait."""
        deadline = time.monotonic() + self.WAIT_S
        while True:
            self.sort_in()
            mails = self.mails if recipient is None else self.by_recipient.get(recipient.lower(), [])
            if seen is None or len(mails) > int(seen) or time.monotonic() > deadline:
                return mails
            await asyncio.sleep(self.LOOK_EVERY_S)


mailbox = Mailbox()


# ---- Functions ---------------------------------------------------------------------------------------


class Tee:
    """A function's output, copied to a file line by line."""

    def __init__(self, stream, path):
        self.stream = stream
        self.copy = path.open("ab", buffering=0)

    def readline(self):
        line = self.stream.readline()
        if line:
            self.copy.write(line)
        return line

    def close(self):
        self.copy.close()
        self.stream.close()


def copy_output(original):
    def pump_output(self, stream, log_queue):
        original(self, Tee(stream, LOG_DIR / f"{self.func_name}.log"), log_queue)

    return pump_output


def hash_once(original):
    known = {}

    def code_dir(code_zip):
        # The archive is kept with its folder, so that no other one gets its id.
        archive, folder = known.get(id(code_zip), (None, None))
        if archive is not code_zip:
            folder = original(code_zip)
            known[id(code_zip)] = (code_zip, folder)
        return folder

    return code_dir


class SleepingQueue(queue.Queue):
    """A queue whose reader sleeps until there is something, and looks up only every so often."""

    LOOK_UP_S = 10

    def get(self, block=True, timeout=None):
        return super().get(block, None if timeout is None else max(timeout, self.LOOK_UP_S))


def sleep_until_there_is_an_event(original):
    return types.SimpleNamespace(Queue=SleepingQueue, Empty=original.Empty, Full=original.Full)


def serve_without_polling(original):
    return lambda self, poll_interval=None: original(self, poll_interval=None)


def wake_and_shut_down(original):
    def shutdown(self):
        # The loop sees the request when a connection wakes it.
        self._BaseServer__shutdown_request = True
        with contextlib.suppress(OSError):
            socket.create_connection(self.server_address, timeout=1).close()
        original(self)

    return shutdown


# ---- The server ---------------------------------------------------------------------------------------


class Joined:
    """A connection that sends what is written to it in one turn of the loop as one packet: the head of an answer and
    its body would otherwise wake the reader twice."""

    def __init__(self, transport):
        self.transport = transport
        self.parts = []

    def __getattr__(self, name):
        return getattr(self.transport, name)

    def write(self, data):
        if not self.parts:
            asyncio.get_running_loop().call_soon(self.flush)
        self.parts.append(data)

    def flush(self):
        if self.parts:
            self.transport.write(b"".join(self.parts))
            self.parts.clear()

    def close(self):
        self.flush()
        self.transport.close()


class Protocol(HttpToolsProtocol):
    def connection_made(self, transport):
        super().connection_made(Joined(transport))


# ---- Control and the API's own port ------------------------------------------------------------------


def make_due(name):
    """Makes the schedules whose input is {"schedule": name} due at the next tick. Answers how many."""
    found = 0
    for key, schedule in list(scheduler._schedules._data.items()):
        if parsed((schedule.get("Target") or {}).get("Input")).get("schedule") == name:
            scheduler._schedule_last_fired[key] = 0
            found += 1
    return found


async def answer(send, status, body):
    payload = json.dumps(body).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(payload)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": payload})


async def control(method, path, query, send):
    match (method, path.split("/")[2:]):
        case ("GET", ["mail"]):
            asked = dict(urllib.parse.parse_qsl(query))
            await answer(send, 200, {"messages": await mailbox.look(asked.get("to"), asked.get("seen"))})
        case ("GET", ["credentials"]):
            given = dict(urllib.parse.parse_qsl(query))
            name = given["function"].rsplit(":", 1)[-1]
            config = {"FunctionArn": given["function"], "FunctionName": name, "Role": given["role"]}
            await answer(send, 200, lambda_runtime.execution_credentials(config))
        case ("GET", ["iam"]):
            await answer(send, 200, decisions.as_json())
        case ("DELETE", ["iam"]):
            decisions.forget()
            await answer(send, 200, {})
        case ("POST", ["schedules", name]):
            found = make_due(name)
            await answer(send, 202 if found else 404, {"due": found})
        case (_, ["scanner", action]):
            asked = dict(urllib.parse.parse_qsl(query))
            await answer(send, *await asyncio.to_thread(scanner.control, method, action, asked))
        case _:
            await answer(send, 404, {"message": f"no such control: {method} {path}"})


async def front(scope, receive, send):
    if scope["type"] == "http":
        if scope["server"][1] == API_PORT:
            host = f"{API_ID}.execute-api.localhost:{GATEWAY_PORT}".encode()
            kept = [(name, value) for name, value in scope["headers"] if name.lower() != b"host"]
            scope = {**scope, "headers": [*kept, (b"host", host)]}
        elif scope["path"].startswith("/_countersign/"):
            await control(scope["method"], scope["path"], scope["query_string"].decode(), send)
            return
    await gateway.app(scope, receive, send)


def look_up_at_one_instant(original):
    def looked_up(*arguments):
        return original(*({**each, "_users": dict(each["_users"])} if isinstance(each, dict) else each for each in arguments))

    return looked_up


def verify_with_the_code(original):
    def confirm_sign_up(data):
        answer = original(data)
        if answer[0] == 200:
            user = user_of_client(data)
            user["Attributes"] = cognito._merge_attributes(
                user.get("Attributes", []), [{"Name": "email_verified", "Value": "true"}])
        return answer

    return confirm_sign_up


def reset_by_mail_only_what_may_be(original):
    def forgot_password(data):
        user = user_of_client(data)
        if user is not None:
            attributes = cognito._attr_list_to_dict(user.get("Attributes", []))
            if user.get("UserStatus") == "FORCE_CHANGE_PASSWORD" or not user.get("Enabled", True):
                return cognito.error_response_json(
                    "NotAuthorizedException", "User password cannot be reset in the current state.", 400)
            if str(attributes.get("email_verified", "")).lower() != "true":
                return cognito.error_response_json(
                    "InvalidParameterException", "Cannot reset password for the user as there is no registered/verified email "
                    "or phone_number", 400)
        return original(data)

    return forgot_password


def user_of_client(data):
    """The person that an unsigned call of a client names, if there is one."""
    pool = next((pool for pool in cognito._user_pools.values() if data.get("ClientId") in pool["_clients"]), None)
    return None if pool is None else cognito._resolve_user(pool, data.get("Username"))[0]


# ---- Routes ------------------------------------------------------------------------------------------


@functools.cache
def pattern_of(route_path):
    parts = re.split(r"(\{[^}]+\})", route_path)
    return re.compile("".join(
        ("(.+)" if part.endswith("+}") else "([^/]+)") if part.startswith("{") else re.escape(part) for part in parts))


def match_compiled(_original):
    return lambda route_path, request_path: pattern_of(route_path).fullmatch(request_path) is not None


# ---- Alarms ------------------------------------------------------------------------------------------


def take_the_first_metric(original):
    def metric_alarm_record(name, props):
        if metrics := props.get("Metrics"):
            first = next(each["MetricStat"] for each in metrics if "MetricStat" in each)
            props = {**props, **first["Metric"], "Statistic": first["Stat"], "Period": first["Period"], "Metrics": None}
        return original(name, props)

    return metric_alarm_record


# ---- The API's body ----------------------------------------------------------------------------------

INTEGRATION = "x-amazon-apigateway-integration"
SHARED_INTEGRATIONS = "#/components/x-amazon-apigateway-integrations/"


def import_body(original):
    def create_api(logical_id, props, stack_name):
        body = props["Body"]
        api_id, attributes = original(logical_id, {
            **props,
            "ProtocolType": "HTTP",
            "Name": body["info"]["title"],
            "Tags": {**props.get("Tags", {}), "ms-custom-id": API_ID},
            "CorsConfiguration": {name[0].upper() + name[1:]: value for name, value in body["x-amazon-apigateway-cors"].items()},
        }, stack_name)
        make_routes(api_id, body, stack_name)
        return api_id, attributes

    return create_api


def make_routes(api_id, body, stack_name):
    """Makes what an OpenAPI body of API Gateway describes. What it describes and we cannot make ends the deployment."""
    authorizers = {
        name: provisioners._apigw_v2_authorizer_create(name, {
            "ApiId": api_id, "Name": name, "AuthorizerType": "JWT",
            "IdentitySource": [scheme["x-amazon-apigateway-authorizer"]["identitySource"]],
            "JwtConfiguration": {
                "Issuer": scheme["x-amazon-apigateway-authorizer"]["jwtConfiguration"]["issuer"],
                "Audience": scheme["x-amazon-apigateway-authorizer"]["jwtConfiguration"]["audience"],
            },
        }, stack_name)[0]
        for name, scheme in body["components"]["securitySchemes"].items()
    }
    integrations = {
        SHARED_INTEGRATIONS + name: provisioners._apigw_v2_integration_create(name, {
            "ApiId": api_id, "IntegrationType": integration["type"].upper(), "IntegrationMethod": integration["httpMethod"],
            "IntegrationUri": integration["uri"], "PayloadFormatVersion": integration["payloadFormatVersion"],
        }, stack_name)[0]
        for name, integration in body["components"]["x-amazon-apigateway-integrations"].items()
    }
    for path, operations in body["paths"].items():
        for method, operation in operations.items():
            # `NONE` is SAM's name for a route that anyone may call: no scheme has it.
            ((scheme, scopes),) = operation["security"][0].items()
            secured = {} if scheme == "NONE" else {
                "AuthorizationType": "JWT", "AuthorizerId": authorizers[scheme], "AuthorizationScopes": scopes}
            provisioners._apigw_v2_route_create(path, {
                "ApiId": api_id, "RouteKey": f"{method.upper()} {path}",
                "Target": f"integrations/{integrations[operation[INTEGRATION]['$ref']]}", **secured,
            }, stack_name)


def main():
    replace(iam_actions, "dynamodb_service_context", add_leading_keys)
    replace(iam_actions, "dynamodb_transaction_checks", add_leading_keys_of_each_item)
    replace(iam_actions, "extract_resource_arn", name_mail_resources)
    replace(iam_evaluator, "_resolve_condition_key", resolve_as_on_aws)
    # Every request is judged by its role's policies: the emulator parses their texts anew each time.
    replace(iam_evaluator, "parse_policy_document", parse_once)
    replace(iam_evaluator, "resolve_principal", know_the_caller)
    replace(iam_evaluator, "fnmatch_iam", remember_texts)
    replace(iam_evaluator, "fnmatch_iam_cs", remember_texts)
    replace(dynamodb, "_tokenize", remember_texts)
    replace(dynamodb, "_condition_syntax_error", remember_texts)
    replace(iam_evaluator, "enforce", note_decisions)
    replace(s3, "_get_object", miss_only_for_those_who_may_list)
    replace_creation("AWS::S3::Bucket", lock_objects)
    replace(s3, "_get_object", emulator_s3.range_of_a_version)
    replace(s3, "_put_object", emulator_s3.tag_only_with_the_right_to)
    replace(s3, "_post_object", emulator_s3.check_the_sum_of_a_form)
    replace(s3, "_verify_presigned_sigv4", emulator_s3.refuse_what_is_not_signed)
    replace(s3, "_fire_s3_event", emulator_s3.remember_the_version)
    replace(s3, "_fire_s3_event", scanner.scan_uploads)
    replace(eventbridge, "_dispatch_event", emulator_s3.name_the_version)
    provisioners._RESOURCE_HANDLERS["AWS::GuardDuty::MalwareProtectionPlan"] = {"create": scanner.make_plan, "delete": scanner.remove_plan}
    replace(ses_v2, "handle_request", keep_whole_mail)
    replace(cognito, "_resolve_user", look_up_at_one_instant)
    replace(cognito, "_user_from_token", look_up_at_one_instant)
    replace(cognito, "_confirm_sign_up", verify_with_the_code)
    replace(cognito, "_forgot_password", reset_by_mail_only_what_may_be)
    replace(lambda_runtime.ProvidedWorker, "_pump_output", copy_output)
    # The Runtime API answers in two small writes: with Nagle's algorithm the second waits for the
    # client's delayed acknowledgement, 40 ms.
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True
    # How long an answer waits for log lines that may still come: the first, the next, at most. Ours
    # are in files already; a line that comes later is shown with the next invocation.
    replace(lambda_runtime.Worker._drain_stderr_bounded, "__defaults__", lambda _: (0.003, 0.001, 0.250))
    replace(lambda_runtime, "queue", sleep_until_there_is_an_event)
    replace(socketserver.BaseServer, "serve_forever", serve_without_polling)
    replace(socketserver.BaseServer, "shutdown", wake_and_shut_down)
    # Every request is matched against every route, twice: the emulator makes the expression anew each time.
    replace(apigateway, "_path_matches", match_compiled)
    replace(scheduler, "_SCHEDULE_TICK_INTERVAL", lambda _: 1)
    replace(provisioners, "_cw_metric_alarm_record", take_the_first_metric)
    replace_creation("AWS::ApiGatewayV2::Api", import_body)

    LOG_DIR.mkdir(parents=True, exist_ok=True)
    lambda_svc = importlib.import_module("ministack.services.lambda_svc")
    replace(lambda_svc, "_provided_runtime_code_dir", hash_once)

    # Not the emulator's own server: its HTTP parser is written in Python, and every call of a function goes through it.
    server = uvicorn.Server(uvicorn.Config(
        front, loop="uvloop", http=Protocol, proxy_headers=False, ws="none", lifespan="on", log_level="warning", access_log=False,
        server_header=False, date_header=False, timeout_keep_alive=75, timeout_graceful_shutdown=1))
    sockets = [socket.create_server(("127.0.0.1", port), backlog=2048) for port in (GATEWAY_PORT, API_PORT)]

    # What is there by now stays: collecting garbage need not look at it again, nor every 700 objects.
    gc.freeze()
    gc.set_threshold(500_000, 20, 50)
    server.run(sockets=sockets)


main()
