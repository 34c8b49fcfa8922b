"""Scans uploads in GuardDuty's place: a malware protection plan of the template is this scanner here.

Like GuardDuty it reads each new version as the plan's role, tags it with the result, and puts the event "GuardDuty Malware
Protection Object Scan Result" on the default bus. It finds the EICAR test string and nothing else, and does not look into what is
locked with a password: such a file is UNSUPPORTED, as it is there.

Tests decide when an event arrives, per prefix of the key. Control, under /_countersign/scanner, everything in the query:

    POST hold?what=upload|scan&prefix=…      from now on such events wait: the upload's own, or the scan with its result
    POST release?what=…&prefix=…             those that wait go out, and none waits any more; answers how many
    GET  waiting?what=…&prefix=…             the keys that wait
    POST report?detail=<JSON>                a result as a test wants it: repeated, late, for another version, forged
"""

import contextvars
import functools
import json
import os
import threading

import boto3
from botocore.config import Config
from ministack.core import lambda_runtime
from ministack.services import s3

from emulator_s3 import put_on_the_default_bus

TAG = "GuardDutyMalwareScanStatus"
CLEAN, INFECTED, UNSUPPORTED = "NO_THREATS_FOUND", "THREATS_FOUND", "UNSUPPORTED"

# In two parts, so that no scanner takes this file for the test file.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
EICAR_NAME = "EICAR-Test-File"

# How an Office document with a password says so: the name of a stream of its container, in UTF-16.
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")


class Gate:
    """Events that tests hold back, of one kind."""

    def __init__(self):
        self.lock = threading.Lock()
        self.prefixes = set()
        self.held = []

    def hold(self, prefix):
        with self.lock:
            self.prefixes.add(prefix)

    def pass_or_wait(self, key, send):
        """Sends at once, or when it is released, in the context of now."""
        with self.lock:
            if key.startswith(tuple(self.prefixes)):
                self.held.append((key, functools.partial(contextvars.copy_context().run, send)))
                return
        send()

    def waiting(self, prefix):
        with self.lock:
            return [key for key, _ in self.held if key.startswith(prefix)]

    def release(self, prefix):
        with self.lock:
            self.prefixes.discard(prefix)
            free = [send for key, send in self.held if key.startswith(prefix)]
            self.held = [(key, send) for key, send in self.held if not key.startswith(prefix)]
        for send in free:
            send()
        return len(free)


gates = {"upload": Gate(), "scan": Gate()}

# Bucket -> the plan that protects it.
plans = {}


class Plan:
    """One malware protection plan: what it protects, and as whom it scans."""

    def __init__(self, logical_id, bucket, role):
        account, region = s3.get_account_id(), s3.get_region()
        self.id = s3.new_uuid().replace("-", "")[:20]
        self.arn = f"arn:aws:guardduty:{region}:{account}:malware-protection-plan/{self.id}"
        self.bucket = bucket
        self.function = {"FunctionArn": f"arn:aws:lambda:{region}:{account}:function:{logical_id}", "FunctionName": logical_id, "Role": role}

    @functools.cached_property
    def client(self):
        held = lambda_runtime.execution_credentials(self.function)
        return boto3.client(
            "s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name=os.environ["AWS_REGION"],
            aws_access_key_id=held["AWS_ACCESS_KEY_ID"], aws_secret_access_key=held["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=held["AWS_SESSION_TOKEN"],
            config=Config(s3={"addressing_style": "path"}, max_pool_connections=32))

    def scan(self, key, version, etag):
        """Scans one version: tag first, event second."""
        version_of = {"Bucket": self.bucket, "Key": key, "VersionId": version}
        status = judged(self.client.get_object(**version_of)["Body"].read())
        self.client.put_object_tagging(**version_of, Tagging={"TagSet": [{"Key": TAG, "Value": status}]})
        self.report({
            "schemaVersion": "1.0",
            "scanStatus": "SKIPPED" if status == UNSUPPORTED else "COMPLETED",
            "resourceType": "S3_OBJECT",
            "s3ObjectDetails": {"bucketName": self.bucket, "objectKey": key, "eTag": etag.strip('"'), "versionId": version, "s3Throttled": False},
            "scanResultDetails": {"scanResultStatus": status, "threats": [{"name": EICAR_NAME}] if status == INFECTED else None},
        })

    def report(self, detail):
        put_on_the_default_bus("aws.guardduty", "GuardDuty Malware Protection Object Scan Result", detail, [self.arn])


def judged(content):
    if EICAR in content:
        return INFECTED
    locked = (content.startswith(b"%PDF-") and b"/Encrypt" in content,
              content.startswith(b"\xd0\xcf\x11\xe0") and ENCRYPTED_PACKAGE in content,
              content.startswith(b"PK\x03\x04") and len(content) > 6 and content[6] & 1)
    return UNSUPPORTED if any(locked) else CLEAN


def make_plan(logical_id, props, _stack_name):
    """How CloudFormation makes a plan."""
    plan = Plan(logical_id, props["ProtectedResource"]["S3Bucket"]["BucketName"], props["Role"])
    plans[plan.bucket] = plan
    return plan.id, {"Arn": plan.arn, "MalwareProtectionPlanId": plan.id, "Status": "ACTIVE", "CreatedAt": s3.now_iso()}


def remove_plan(physical_id, _props):
    for bucket in [bucket for bucket, plan in plans.items() if plan.id == physical_id]:
        del plans[bucket]


def scan_uploads(original):
    """The events of S3, each behind its gate. What a plan protects is scanned after its event."""
    def fire_s3_event(bucket, key, event_name, size=0, etag="", *rest, version_id=None, **more):
        plan = plans.get(bucket)
        send = functools.partial(original, bucket, key, event_name, size, etag, *rest, version_id=version_id, **more)
        if plan is None or not event_name.startswith("s3:ObjectCreated:"):
            send()
            return
        gates["upload"].pass_or_wait(key, send)
        gates["scan"].pass_or_wait(key, functools.partial(plan.scan, key, version_id, etag))

    return fire_s3_event


def control(method, action, asked):
    """What a test asks for: status and answer. It may call the emulator, so it runs beside the loop that serves it."""
    gate, prefix = gates.get(asked.get("what")), asked.get("prefix", "")
    match (method, action):
        case ("POST", "hold") if gate:
            gate.hold(prefix)
            return 200, {}
        case ("POST", "release") if gate:
            return 200, {"released": gate.release(prefix)}
        case ("GET", "waiting") if gate:
            return 200, {"keys": gate.waiting(prefix)}
        case ("POST", "report"):
            detail = json.loads(asked["detail"])
            plan = plans.get(detail["s3ObjectDetails"]["bucketName"])
            if plan:
                plan.report(detail)
            return (202 if plan else 404), {}
        case _:
            return 404, {"message": f"no such control of the scanner: {method} {action}"}
