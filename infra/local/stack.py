#!/usr/bin/env python3
"""The local stack: infra/template.yaml on an AWS emulator, without Docker and without an AWS account.

    stack.py up              start, deploy, seed; on a running stack, bring it up to date
    stack.py deploy          the same
    stack.py down            stop it; its data is gone
    stack.py status          is it up, and where; exit 1 when it is not
    stack.py env             exports for a shell: endpoint, credentials, region, table
    stack.py logs [function] what the functions wrote; --follow goes on

What changed decides what `up` does: nothing, new code for a function whose binary changed, or a new
start when the template or the emulator changed. Everything lives under .local/ of this checkout, on
ports derived from the checkout's path, so that checkouts do not meet.
"""

import argparse
import concurrent.futures
import contextlib
import fcntl
import hashlib
import io
import json
import logging
import os
import pathlib
import platform
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile

sys.dont_write_bytecode = True

import tools  # noqa: E402
from tools import LOCAL, ROOT, Missing, say  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
TEMPLATE = ROOT / "infra" / "template.yaml"
STATE = LOCAL / "stack.json"
PROCESSES = LOCAL / "processes.json"
LOGS = LOCAL / "log"
FUNCTION_LOGS = LOGS / "functions"
SCRATCH = LOCAL / "tmp"

STACK = "countersign-local"
STAGE = "local"
REGION = "eu-central-1"
ACCOUNT = "000000000000"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
BUCKET = "countersign-local-code"
SENDER = "no-reply@countersign.test"
STRIPE_PARAMETER = "/countersign/stripe"

# What the stack is made with, besides the template.
FOUNDATION = ("emulator.py", "emulator_s3.py", "scanner.py", "stack.py", "requirements-aws.txt")

FIRST_PORT, SLOTS, PORTS_PER_SLOT = 20000, 1000, 4
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 10


# ---- Small things --------------------------------------------------------------------------------------


def digest(*parts):
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part if isinstance(part, bytes) else str(part).encode())
        whole.update(b"\0")
    return whole.hexdigest()


def mark_of(binary):
    """What tells a binary from one that was built later; nothing when there is none."""
    if not binary.exists():
        return None
    found = binary.stat()
    return f"{found.st_size}-{found.st_mtime_ns}"


def read_json(path, default=None):
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return default


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(json.dumps(value, indent=2) + "\n")
    part.replace(path)


def http(method, url, timeout_s=5):
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=timeout_s) as answer:
        return json.loads(answer.read() or b"null")


def shown(path):
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


# ---- Ports and processes -------------------------------------------------------------------------------


def free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_ports():
    """Four neighbouring free ports (emulator, API, payment provider, portal), the same ones each time when they are free."""
    first_slot = int(digest(ROOT)[:8], 16) % SLOTS
    for step in range(SLOTS):
        base = FIRST_PORT + (first_slot + step) % SLOTS * PORTS_PER_SLOT
        if all(free(base + offset) for offset in range(PORTS_PER_SLOT)):
            return {"gateway": base, "api": base + 1, "provider": base + 2, "portal": base + 3}
    raise Missing(f"no four neighbouring ports are free between {FIRST_PORT} and {FIRST_PORT + SLOTS * PORTS_PER_SLOT}")


def command_of(pid):
    """The command line of a process, or nothing when it is gone."""
    if pathlib.Path("/proc/self").exists():
        try:
            return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    line = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return "" if "<defunct>" in line else line


# What this run of the script started: pid -> Popen. A child tells about itself; its command line, just after
# the start, may not be there yet.
CHILDREN = {}


def is_ours(process):
    """A process id can be taken over by another program: only one that runs what we started is ours."""
    if not process:
        return False
    if child := CHILDREN.get(process["pid"]):
        return child.poll() is None
    return process["program"] in command_of(process["pid"])


def start(program, command, environment, log):
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        child = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                 cwd=ROOT, start_new_session=True)
    CHILDREN[child.pid] = child
    return {"pid": child.pid, "program": program}


def stop(process):
    """Stops a process that we started, and what it started: it leads a process group of its own."""
    if not is_ours(process):
        return
    os.kill(process["pid"], signal.SIGTERM)
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while is_ours(process):
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    try:
        os.killpg(process["pid"], signal.SIGKILL)
    except ProcessLookupError:
        pass


def await_answer(what, url, process, log):
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            pass
        if not is_ours(process):
            break
        time.sleep(0.1)
    tail = log.read_text(errors="replace").splitlines()[-15:] if log.exists() else []
    stop(process)
    raise Missing(f"{what} did not start. The end of {shown(log)}:\n" + "\n".join(tail))


def clean_environment():
    """What a child may see. Functions inherit the emulator's environment: nothing of this shell may reach them."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
    return {**kept, "TMPDIR": str(SCRATCH)}


def start_emulator(ports):
    SCRATCH.mkdir(parents=True, exist_ok=True)
    api_id = digest(ROOT)[:8]
    environment = {
        **clean_environment(), **CREDENTIALS,
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(ports["gateway"]),
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_WORKER_THREADS": "256",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        # What the functions reach AWS by.
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{ports['gateway']}",
        "COUNTERSIGN_API_PORT": str(ports["api"]),
        "COUNTERSIGN_API_ID": api_id,
        "COUNTERSIGN_FUNCTION_LOGS": str(FUNCTION_LOGS),
    }
    log = LOGS / "emulator.log"
    log.unlink(missing_ok=True)
    shutil.rmtree(FUNCTION_LOGS, ignore_errors=True)
    process = start(str(HERE / "emulator.py"), [sys.executable, str(HERE / "emulator.py")], environment, log)
    await_answer("the AWS emulator", f"http://127.0.0.1:{ports['gateway']}/_ministack/health", process, log)
    return process


def new_secrets():
    """What the payment provider and our functions share. New for each stack, so that a search of the logs means something."""
    return {"api_key": f"sk_test_{secrets.token_hex(16)}", "webhook": f"whsec_{secrets.token_hex(16)}"}


def start_provider(ports, binaries, shared):
    binary = binaries / "payment_provider"
    if not binary.exists():
        say(f"note: {shown(binary)} is not built, so nothing answers for the payment provider. Get it with: make build")
        return None, None
    log = LOGS / "provider.log"
    log.unlink(missing_ok=True)
    process = start(str(binary), [
        str(binary), "--port", str(ports["provider"]), "--api-key", shared["api_key"], "--webhook-secret", shared["webhook"],
        "--webhook-url", f"http://127.0.0.1:{ports['api']}/v1/webhooks/stripe"], clean_environment(), log)
    await_answer("the payment provider", f"http://127.0.0.1:{ports['provider']}/", process, log)
    return process, mark_of(binary)


# ---- The template ---------------------------------------------------------------------------------------


def parsed(text):
    """A template as data, its short forms (`!Ref`) spelled out."""
    from samtranslator.yaml_helper import yaml_parse

    return yaml_parse(text)


def load_template():
    return parsed(TEMPLATE.read_text())


def functions_of(template):
    """Function folder (kebab-case) -> logical id, read off CodeUri."""
    return {
        pathlib.PurePosixPath(resource["Properties"]["CodeUri"]).name: logical_id
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def routes_of(template):
    """Route key -> (authorization, scopes), read off the API's body."""
    routes = {}
    for resource in template["Resources"].values():
        if resource["Type"] != "AWS::Serverless::HttpApi":
            continue
        for path, operations in resource["Properties"]["DefinitionBody"]["paths"].items():
            for method, operation in operations.items():
                ((scheme, scopes),) = operation.get("security", [{"": []}])[0].items()
                routes[f"{method.upper()} {path}"] = ("NONE" if scheme == "NONE" else "JWT", tuple(scopes))
    return routes


def translate(template, places):
    """What `sam deploy` would send: the template, translated by SAM's own translator.

    `places` says where each function's code is: function folder -> bucket and key.
    """
    from samtranslator.translator.transform import transform

    class NoManagedPolicies:
        def load(self):
            return {}

    os.environ["AWS_DEFAULT_REGION"] = REGION  # the translator asks for it, and for no more of AWS
    logging.getLogger("samtranslator.metrics").setLevel(logging.ERROR)  # it asks to be counted
    for name, logical_id in functions_of(template).items():
        template["Resources"][logical_id]["Properties"]["CodeUri"] = places[name]
    return transform(template, {}, NoManagedPolicies())


# ---- Code ------------------------------------------------------------------------------------------------


def package(binary, known):
    """A zip of one function, with its binary as `bootstrap`. The key names the code, so the same code is the same key."""
    mark = mark_of(binary)
    if known and known["mark"] == mark:
        return {**known, "zip": None}
    # Debug information makes up most of a debug binary, and every process of every function maps it.
    with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
        stripped = pathlib.Path(folder) / "bootstrap"
        strip = shutil.which("strip") or shutil.which("llvm-strip")
        if not strip or subprocess.run([strip, "--strip-debug", "-o", str(stripped), str(binary)], capture_output=True).returncode:
            shutil.copyfile(binary, stripped)
        code = stripped.read_bytes()
    key = f"{binary.name}/{hashlib.sha256(code).hexdigest()[:32]}.zip"
    if known and known["key"] == key:
        return {"mark": mark, "key": key, "zip": None}
    entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
    entry.external_attr = 0o100755 << 16
    entry.create_system = 3
    entry.compress_type = zipfile.ZIP_DEFLATED
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(entry, code, compresslevel=1)
    return {"mark": mark, "key": key, "zip": packed.getvalue()}


def packages_of(names, binaries, known):
    SCRATCH.mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        made = pool.map(lambda name: package(binaries / name, known.get(name)), names)
        return dict(zip(names, made, strict=True))


# ---- Deploying --------------------------------------------------------------------------------------------


def client(service, endpoint):
    import boto3
    from botocore.config import Config

    return boto3.client(
        service, endpoint_url=endpoint, region_name=REGION,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"], aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"max_attempts": 1}, read_timeout=120, s3={"addressing_style": "path"}),
    )


def upload(s3, packages):
    for made in packages.values():
        if made["zip"] is not None:
            s3.put_object(Bucket=BUCKET, Key=made["key"], Body=made["zip"])


def create(template, packages, ports, api_id, shared):
    """Deploys everything to an empty emulator and answers the description of the stack."""
    endpoint = f"http://127.0.0.1:{ports['gateway']}"
    api_url = f"http://127.0.0.1:{ports['api']}"
    provider_url = f"http://127.0.0.1:{ports['provider']}"
    routes, functions = routes_of(template), functions_of(template)

    s3 = client("s3", endpoint)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    upload(s3, packages)
    # What an operator makes before the first deployment: docs/deploy.md.
    client("sesv2", endpoint).create_email_identity(EmailIdentity=SENDER)
    client("ssm", endpoint).put_parameter(
        Name=STRIPE_PARAMETER, Type="SecureString",
        Value=json.dumps({"api_key": shared["api_key"], "webhook_secrets": [shared["webhook"]], "livemode": False, "account": None}))

    parameters = {
        "Stage": STAGE,
        "Architecture": "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64",
        "PublicUrl": api_url,
        "PortalUrl": f"http://127.0.0.1:{ports['portal']}",
        "SenderAddress": SENDER,
        "StripeApiUrl": provider_url,
        "StripeSecretsParameter": STRIPE_PARAMETER,
        # Many tests are a new organisation that invites many.
        "InvitationsAtFirst": "1000000",
        # And people who ask for and set the same many times.
        "OtherLimits": "access_requests_per_person=1000000/day access_requests_per_organisation=1000000/day "
                       "letters_per_person=1000000/day letters_per_organisation=1000000/day "
                       "contact_letters_per_person=1000000/day contact_letters_per_customer=1000000/day",
        # Everything here comes from one address.
        "InvitationsPerSource": "1000000/hour",
        "AccountsPerSource": "1000000/hour",
        "RegistrationsPerSource": "1000000/hour",
        "SignupsPerSource": "1000000/hour",
    }
    plain = translate(template, {name: {"Bucket": BUCKET, "Key": made["key"]} for name, made in packages.items()})
    s3.put_object(Bucket=BUCKET, Key="template.json", Body=json.dumps(plain, default=str).encode())
    cloudformation = client("cloudformation", endpoint)
    cloudformation.create_stack(
        StackName=STACK,
        TemplateURL=f"{endpoint}/{BUCKET}/template.json",
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    deployed = await_stack(cloudformation)
    outputs = {each["OutputKey"]: each["OutputValue"] for each in deployed["Outputs"]}
    resources = resources_of(cloudformation)
    assert_resources(resources, plain)
    assert_routes(client("apigatewayv2", endpoint), api_id, routes)

    ledger, modules = (
        client("cognito-idp", endpoint).describe_user_pool_client(
            UserPoolId=outputs["UserPoolId"], ClientId=outputs[each])["UserPoolClient"]
        for each in ("LedgerClientId", "ModulesClientId"))
    names = {name: resources[logical_id] for name, logical_id in functions.items()}
    return {
        "endpoint": endpoint,
        "api_url": api_url,
        "region": REGION,
        "table": outputs["TableName"],
        "user_pool_id": outputs["UserPoolId"],
        "web_client_id": outputs["WebClientId"],
        "ledger_client_id": outputs["LedgerClientId"],
        "ledger_client_secret": ledger["ClientSecret"],
        "modules_client_id": outputs["ModulesClientId"],
        "modules_client_secret": modules["ClientSecret"],
        "token_url": f"{endpoint}/oauth2/token",
        "event_bus": outputs["EventBusName"],
        "notify_queue_url": outputs["NotifyQueueUrl"],
        "notify_dlq_url": outputs["NotifyDeadLetterQueueUrl"],
        "feedback_topic": outputs["FeedbackTopicArn"],
        "provider_url": provider_url,
        "provider_secret": shared["api_key"],
        "webhook_secret": shared["webhook"],
        "mailbox_url": f"{endpoint}/_countersign/mail",
        "functions": {name: f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{full}" for name, full in names.items()},
        "sender": SENDER,
        "portal_url": parameters["PortalUrl"],
        "control_url": f"{endpoint}/_countersign",
        "log_dir": str(FUNCTION_LOGS),
        "outputs": outputs,
    }


def await_stack(cloudformation):
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        status = stack["StackStatus"]
        if status == "CREATE_COMPLETE":
            return stack
        if not status.endswith("IN_PROGRESS") or status.startswith("ROLLBACK") or time.monotonic() > deadline:
            pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=STACK)
            reasons = [f"  {each['LogicalResourceId']}: {each.get('ResourceStatusReason', '')}"
                       for page in pages for each in page["StackEvents"] if each["ResourceStatus"].endswith("FAILED")]
            raise Missing(f"the template could not be deployed ({status}):\n" + "\n".join(reasons))
        time.sleep(0.1)


def resources_of(cloudformation):
    """The resources that the stack counts: logical id -> physical id."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=STACK)
    return {each["LogicalResourceId"]: each["PhysicalResourceId"] for page in pages for each in page["StackResourceSummaries"]}


def assert_resources(deployed, plain):
    """The stack counts what AWS would count: the resources of the translated template, and no other."""
    differing = sorted(deployed.keys() ^ plain["Resources"].keys())
    if differing:
        raise Missing(f"the stack does not hold the resources of the translated template: {', '.join(differing)}")


def assert_routes(gateway, api_id, wanted):
    """The deployed routes are the template's: none missing, none open that should be closed."""
    authorizers = {each["AuthorizerId"]: each for each in gateway.get_authorizers(ApiId=api_id)["Items"]}
    deployed, token = {}, {}
    while True:
        page = gateway.get_routes(ApiId=api_id, **token)
        for route in page["Items"]:
            kind = route.get("AuthorizationType", "NONE")
            if kind == "JWT" and route.get("AuthorizerId") not in authorizers:
                kind = "JWT without an authorizer"
            deployed[route["RouteKey"]] = (kind, tuple(route.get("AuthorizationScopes", [])))
        if not page.get("NextToken"):
            break
        token = {"NextToken": page["NextToken"]}
    if deployed != wanted:
        differing = sorted(key for key in deployed.keys() | wanted.keys() if deployed.get(key) != wanted.get(key))
        raise Missing("the deployed routes are not the template's:\n" + "\n".join(
            f"  {key}: template {wanted.get(key)}, deployed {deployed.get(key)}" for key in differing))


def update_code(stack, packages, changed):
    upload(client("s3", stack["endpoint"]), packages)
    functions = client("lambda", stack["endpoint"])
    for name in changed:
        functions.update_function_code(FunctionName=stack["functions"][name], S3Bucket=BUCKET, S3Key=packages[name]["key"])


# ---- Commands ---------------------------------------------------------------------------------------------


def in_environment(script="stack.py"):
    """Goes on in the emulator's virtual environment, which is made when it is missing."""
    python = tools.environment("aws") / "python"
    if pathlib.Path(sys.prefix) != python.parents[1]:
        os.execv(python, [str(python), str(HERE / script), *sys.argv[1:]])
    # A profile or a proxy of the shell is meant for other places than this machine.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*"


@contextlib.contextmanager
def alone():
    """One at a time: two that start or stop the same stack at once would each undo the other."""
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "stack.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def running():
    """The processes of this checkout's stack, when its emulator runs."""
    processes = read_json(PROCESSES)
    return processes if processes and is_ours(processes["emulator"]) else None


def up(options):
    in_environment()
    with alone():
        bring_up(options)


def bring_up(options):
    began = time.monotonic()
    binaries = pathlib.Path(options.binaries).resolve()
    template = load_template()
    names = list(functions_of(template))
    missing = [name for name in names if not (binaries / name).exists()]
    if missing:
        raise Missing(f"{shown(binaries)} has no binary for: {', '.join(missing)}. Get them with: make build")
    # Whatever this names differently cannot be brought up to date, only started anew.
    foundation = digest(TEMPLATE.read_bytes(), *((HERE / name).read_bytes() for name in FOUNDATION), binaries)

    processes, stack = running(), read_json(STATE)
    if processes and (not stack or processes["foundation"] != foundation):
        say("the template or the emulator changed: starting anew")
        processes = None
    if processes:
        known = processes["packages"]
        packages = packages_of(names, binaries, known)
        changed = [name for name in names if packages[name]["key"] != known[name]["key"]]
        if changed:
            update_code(stack, packages, changed)
        ports = processes["ports"]
        if not is_ours(processes["provider"]) or processes["provider_mark"] != mark_of(binaries / "payment_provider"):
            stop(processes["provider"])
            processes["provider"], processes["provider_mark"] = start_provider(ports, binaries, processes["shared"])
        done = f"new code for {', '.join(changed)}" if changed else "up to date"
    else:
        take_down()
        packages = packages_of(names, binaries, {})
        ports, shared = choose_ports(), new_secrets()
        processes = {"foundation": foundation, "ports": ports, "shared": shared, "emulator": None, "provider": None}
        try:
            processes["emulator"] = start_emulator(ports)
            processes["provider"], processes["provider_mark"] = start_provider(ports, binaries, shared)
            stack = create(template, packages, ports, digest(ROOT)[:8], shared)
        except BaseException:
            stop(processes["emulator"])
            stop(processes["provider"])
            raise
        done = f"{len(names)} functions, {len(routes_of(load_template()))} routes"
    processes["packages"] = {name: {"mark": made["mark"], "key": made["key"]} for name, made in packages.items()}
    write_json(PROCESSES, processes)
    write_json(STATE, stack)
    say(f"the stack is up: {stack['api_url']} ({done}, {time.monotonic() - began:.1f} s)")


def down(_options):
    with alone():
        say("the stack is down" if take_down() else "the stack was not up")


def take_down():
    """Stops the processes of the stack that still run. Returns whether there was a stack."""
    processes = read_json(PROCESSES)
    if processes:
        stop(processes["provider"])
        stop(processes["emulator"])
    for path in (STATE, PROCESSES):
        path.unlink(missing_ok=True)
    shutil.rmtree(SCRATCH, ignore_errors=True)
    return bool(processes)


def described():
    stack = read_json(STATE)
    if not stack or not running():
        raise Missing("the stack is not up. Start it with: make up")
    return stack


def status(_options):
    stack = described()
    provider = "up" if is_ours(running()["provider"]) else "not running"
    for name, value in (
        ("API", stack["api_url"]),
        ("AWS endpoint", stack["endpoint"]),
        ("mail", stack["mailbox_url"]),
        ("payment provider", f"{stack['provider_url']} ({provider})"),
        ("table", stack["table"]),
        ("description", shown(STATE)),
    ):
        print(f"{name:17} {value}")


def env(_options):
    stack = described()
    for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": stack["endpoint"], "TABLE_NAME": stack["table"],
                        "COUNTERSIGN_STACK": STATE}.items():
        print(f"export {name}={value}")


def logs(options):
    described()
    names = sorted(path.stem.removeprefix(f"{STACK}-") for path in FUNCTION_LOGS.glob("*.log"))
    if options.function and options.function not in names:
        raise Missing(f"{options.function} has written nothing. There is output of: {', '.join(names) or 'no function yet'}")
    paths = [FUNCTION_LOGS / f"{STACK}-{name}.log" for name in ([options.function] if options.function else names)]
    command = ["tail", "-n", str(options.lines), *(["-F"] if options.follow else []), *map(str, paths)]
    if paths:
        os.execvp("tail", command)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, action in (("up", up), ("deploy", up), ("down", down), ("status", status), ("env", env), ("logs", logs)):
        command = commands.add_parser(name)
        command.set_defaults(action=action)
        if action is up:
            built = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug"
            command.add_argument("--binaries", default=built, help="where the functions' binaries are")
        if action is logs:
            command.add_argument("function", nargs="?")
            command.add_argument("--follow", action="store_true")
            command.add_argument("--lines", type=int, default=200)
    options = parser.parse_args()
    try:
        options.action(options)
    except Missing as missing:
        sys.exit(f"error: {missing}")


if __name__ == "__main__":
    main()
