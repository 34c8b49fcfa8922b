"""What the emulator's S3 lacks for documents, as replacements of its functions: emulator.py puts them in place.

- A form that uploads (POST) is refused when its checksum is not that of the file, as on AWS. The emulator checks it for a PUT alone.
- A signed link takes no `x-amz-…` header that was not signed with it.
- An upload that brings tags along needs the right to tag.
- A read of a version may name a range, and the headers of its answer.
- The event of an upload names the version that it made.
"""

import json
import threading

from ministack.core import iam_evaluator
from ministack.core.router import extract_access_key_id, extract_region
from ministack.services import eventbridge, s3

CHECKSUMS = tuple(f"x-amz-checksum-{algorithm}" for algorithm in ("crc32", "crc32c", "crc64nvme", "sha1", "sha256"))


def check_the_sum_of_a_form(original):
    def post_object(bucket, body, headers):
        fields = {name.lower(): value for name, _, _, value in s3._parse_multipart_form(headers.get("content-type", ""), body)}
        file = fields.pop("file", b"")
        texts = {name: value.decode(errors="replace") for name, value in fields.items()}
        _, wrong = s3._resolve_object_checksums(file, {name: texts[name] for name in CHECKSUMS if name in texts})
        if wrong and "x-amz-signature" in texts:
            # What the policy forbids is said first.
            return s3._enforce_signed_post_policy(texts, bucket, s3.bucket_region(bucket), len(file), True) or wrong
        return original(bucket, body, headers)

    return post_object


def refuse_what_is_not_signed(original):
    def verify_presigned(method, path, headers, query_params):
        signed = s3._qp(query_params, "X-Amz-SignedHeaders", "")
        if s3._qp(query_params, "X-Amz-Signature", ""):
            unsigned = [name for name in headers if name.startswith("x-amz-") and name not in signed.split(";")]
            if unsigned:
                return s3._error("AccessDenied", "There were headers present in the request which were not signed", 403, path)
        return original(method, path, headers, query_params)

    return verify_presigned


def tag_only_with_the_right_to(original):
    def put_object(bucket, key, body, headers):
        if headers.get("x-amz-tagging"):
            denied = iam_evaluator.enforce(extract_access_key_id(headers, {}), "s3:PutObjectTagging", "s3",
                                           extract_region(headers, {}), resource_arn=f"arn:aws:s3:::{bucket}/{key}")
            if denied:
                return s3._error("AccessDenied", "Access Denied", 403)
        return original(bucket, key, body, headers)

    return put_object


def range_of_a_version(original):
    def get_object(bucket, key, headers, query_params=None):
        status, answered, body = original(bucket, key, headers, query_params)
        if status == 200:
            s3._apply_response_overrides(answered, query_params or {})
        wanted = headers.get("range", "")
        if status != 200 or not wanted or "Content-Range" in answered:
            return status, answered, body
        found = s3._parse_range(wanted, len(body))
        if found is None:
            return 416, {"Content-Type": "application/xml"}, s3._xml_body(s3._range_error_xml(bucket, key))
        first, last = found
        # A part of an object has no checksum of its own.
        answered = {name: value for name, value in answered.items() if not name.startswith("x-amz-checksum-")}
        part = body[first:last + 1]
        answered |= {"Content-Length": str(len(part)), "Content-Range": f"bytes {first}-{last}/{len(body)}"}
        return 206, answered, part

    return get_object


# The version of the upload whose event is being made, per thread: each upload's event has a thread of its own.
of_upload = threading.local()


def remember_the_version(original):
    def fire_s3_event(bucket, key, event_name, *rest, version_id=None, **more):
        of_upload.version = version_id
        try:
            original(bucket, key, event_name, *rest, version_id=version_id, **more)
        finally:
            of_upload.version = None

    return fire_s3_event


def name_the_version(original):
    def dispatch_event(event, view=None):
        version = getattr(of_upload, "version", None)
        if version and event.get("Source") == "aws.s3":
            detail = json.loads(event["Detail"])
            detail["object"]["version-id"] = version
            event = {**event, "Detail": json.dumps(detail)}
            view = None
        return original(event, view)

    return dispatch_event


def put_on_the_default_bus(source, detail_type, detail, resources=()):
    """An event of a service of AWS. Nobody else may name such a source, so this goes round `PutEvents`."""
    eventbridge._dispatch_event({
        "EventId": s3.new_uuid(), "Source": source, "DetailType": detail_type, "Detail": json.dumps(detail),
        "EventBusName": "default", "Time": s3.now_iso(), "Resources": list(resources),
        "Account": s3.get_account_id(), "Region": s3.get_region(),
    })
