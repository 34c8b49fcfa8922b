#!/usr/bin/env python3
"""Moves messages from dead-letter queues back to the queues that they came from.

    redrive.py                       on the local stack
    redrive.py --stack NAME          on a deployed stack, with the credentials and region of the environment
    redrive.py --queue LOGICAL_ID    only this dead-letter queue, as the template names it
    redrive.py self-test             checks this program on queues in memory

The queues are found in the stack: each queue whose redrive policy names another queue is the source of that one. A
dead-letter queue that is no queue's has no source (those of the stream and of the schedules): its messages are
counted and stay, because the next sweep or run does what they were about.

A message is sent to its source first and deleted from the dead-letter queue afterwards. So none is lost when this program
is killed in between, and at worst a message is there twice, which the consumers bear: see docs/deploy.md. Two of these
programs at once, and consumers at work, do no harm for the same reason. A message that was sent after this run began
stays, so that one that fails again at once does not go round in circles.
"""

import argparse
import json
import os
import pathlib
import sys
import time

sys.dont_write_bytecode = True

import tools  # noqa: E402
from tools import Missing  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
# SQS hands out up to so many messages at once.
BATCH = 10
# How long a receive waits for messages: short polling asks only some of the servers.
WAIT_S = 2
# How long a received message is hidden from others: longer than a batch takes.
HIDDEN_S = 60
# SQS refuses to show a message that somebody else received, moved or deleted meanwhile: nothing is left to do.
NOT_OURS = ("MessageNotInflight", "ReceiptHandleIsInvalid")
# What messages keep on their way: the tenant that a fair queue goes by, and the trace.
ATTRIBUTES = ["SentTimestamp", "MessageGroupId", "AWSTraceHeader"]


def attributes(sqs, url):
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def queues_of(cloudformation, stack):
    """The stack's queues: their URLs by their names in the template."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for page in pages
            for resource in page["StackResourceSummaries"] if resource["ResourceType"] == "AWS::SQS::Queue"}


def dead_letter_queues(sqs, queues):
    """The dead-letter queues by name: their URL, and the URLs of their sources. Queues without a redrive policy are among them."""
    known = {name: attributes(sqs, url) for name, url in queues.items()}
    names = {each["QueueArn"]: name for name, each in known.items()}
    sources = {name: [] for name, each in known.items() if "RedrivePolicy" not in each}
    for name, each in known.items():
        policy = json.loads(each.get("RedrivePolicy") or "{}")
        target = names.get(policy.get("deadLetterTargetArn"))
        if target:
            sources.setdefault(target, []).append(queues[name])
    return {name: (queues[name], urls) for name, urls in sorted(sources.items())}


def copied(message):
    """A message as it is sent again."""
    given = message.get("Attributes", {})
    sent = {"MessageBody": message["Body"]}
    if message.get("MessageAttributes"):
        sent["MessageAttributes"] = message["MessageAttributes"]
    if "MessageGroupId" in given:
        sent["MessageGroupId"] = given["MessageGroupId"]
    if "AWSTraceHeader" in given:
        sent["MessageSystemAttributes"] = {"AWSTraceHeader": {"StringValue": given["AWSTraceHeader"], "DataType": "String"}}
    return sent


def move(sqs, dead, source, began_ms):
    """Moves what was in the dead-letter queue when the run began; answers how many messages."""
    # Those that stay, by message: their newest receipt handles. A long run receives one again, and then the older is void.
    moved, later = 0, {}
    while True:
        received = sqs.receive_message(QueueUrl=dead, MaxNumberOfMessages=BATCH, WaitTimeSeconds=WAIT_S, VisibilityTimeout=HIDDEN_S,
                                       MessageSystemAttributeNames=ATTRIBUTES, MessageAttributeNames=["All"])
        messages = received.get("Messages", [])
        for message in messages:
            if int(message["Attributes"]["SentTimestamp"]) >= began_ms:
                later[message["MessageId"]] = message["ReceiptHandle"]
                continue
            sqs.send_message(QueueUrl=source, **copied(message))
            sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
            moved += 1
        if not messages:
            break
    for handle in later.values():
        show(sqs, dead, handle)
    return moved


def show(sqs, url, handle):
    """Shows a message that was received to others again at once."""
    try:
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
    except Exception as refused:
        # The client of the SDK makes its classes at run time, so the code is what tells refusals apart. Some protocols put
        # a namespace before it.
        code = getattr(refused, "response", {}).get("Error", {}).get("Code", "")
        if not code.endswith(NOT_OURS):
            raise


def waiting(sqs, url):
    """About how many messages are in a queue, those that somebody holds included."""
    found = attributes(sqs, url)
    return sum(int(found.get(name, 0)) for name in ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"))


def redrive(sqs, cloudformation, stack, only, began_ms):
    """Empties the dead-letter queues; answers a line for each."""
    found = dead_letter_queues(sqs, queues_of(cloudformation, stack))
    if only and only not in found:
        raise Missing(f"the stack has no dead-letter queue {only}. It has: {', '.join(found)}")
    for name, (url, sources) in found.items():
        if only and name != only:
            continue
        if len(sources) == 1:
            yield f"{name}: {move(sqs, url, sources[0], began_ms)} moved"
        else:
            yield f"{name}: {waiting(sqs, url)} stay, {'no queue is' if not sources else 'several queues are'} their source"


# ---- Self-test ------------------------------------------------------------------------------------------


class Refused(Exception):
    """A refusal as the SDK raises it."""

    def __init__(self, code):
        super().__init__(code)
        self.response = {"Error": {"Code": code}}


class Queues:
    """Queues in memory. A message that was received is hidden until its visibility is changed, and has a new receipt handle."""

    def __init__(self, policies):
        self.policies, self.messages, self.killed_after_send = policies, {url: [] for url in policies}, False
        self.receives, self.shown_again, self.refuses_to_show = 0, set(), None

    def get_queue_attributes(self, QueueUrl, AttributeNames):
        policy = self.policies[QueueUrl]
        redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": f"arn:{policy}"})} if policy else {}
        count = str(len(self.messages[QueueUrl]))
        return {"Attributes": {"QueueArn": f"arn:{QueueUrl}", "ApproximateNumberOfMessages": count, **redrive}}

    def put(self, url, body, sent_ms, group=None):
        given = {"SentTimestamp": str(sent_ms), **({"MessageGroupId": group} if group else {})}
        name = f"{url}-{body}-{sent_ms}-{len(self.messages[url])}"
        self.messages[url].append({"MessageId": name, "Body": body, "Attributes": given, "ReceiptHandle": None, "hidden": False})

    def receive_message(self, QueueUrl, MaxNumberOfMessages, **_):
        shown = [each for each in self.messages[QueueUrl] if not each["hidden"]][:MaxNumberOfMessages]
        self.receives += 1
        for each in shown:
            # One that is to be shown again comes a second time, as when the run takes longer than it is hidden.
            each["hidden"] = each["Body"] not in self.shown_again
            self.shown_again.discard(each["Body"])
            each["ReceiptHandle"] = f"{each['MessageId']}-{self.receives}"
        return {"Messages": [dict(each) for each in shown]} if shown else {}

    def send_message(self, QueueUrl, MessageBody, MessageGroupId=None, **_):
        self.put(QueueUrl, MessageBody, 2_000, MessageGroupId)
        if self.killed_after_send:
            raise KeyboardInterrupt

    def delete_message(self, QueueUrl, ReceiptHandle):
        self.messages[QueueUrl] = [each for each in self.messages[QueueUrl] if each["ReceiptHandle"] != ReceiptHandle]

    def change_message_visibility(self, QueueUrl, ReceiptHandle, VisibilityTimeout):
        if self.refuses_to_show:
            raise Refused(self.refuses_to_show)
        of_handle = [each for each in self.messages[QueueUrl] if each["ReceiptHandle"] == ReceiptHandle]
        if not of_handle:
            raise Refused("ReceiptHandleIsInvalid")
        if not of_handle[0]["hidden"]:
            raise Refused("AWS.SimpleQueueService.MessageNotInflight")
        of_handle[0]["hidden"] = False

    def bodies(self, url):
        return [each["Body"] for each in self.messages[url]]


class Stack:
    """A stack of these queues."""

    def __init__(self, queues):
        self.queues = queues

    def get_paginator(self, _):
        return self

    def paginate(self, StackName):
        kinds = [("AWS::SQS::Queue", url) for url in self.queues] + [("AWS::SQS::QueuePolicy", "policy")]
        rows = [{"ResourceType": kind, "LogicalResourceId": url.title(), "PhysicalResourceId": url} for kind, url in kinds]
        return [{"StackResourceSummaries": [row]} for row in rows]


def self_test():
    sqs = Queues({"work": "dead", "dead": None, "lone": None})
    stack = Stack(sqs.policies)
    run = lambda only=None: list(redrive(sqs, stack, "any", only, 1_000))  # noqa: E731
    for number in range(25):
        sqs.put("dead", f"m{number}", 500, "co_1")
    sqs.put("dead", "failed again", 1_500)
    sqs.put("lone", "lost", 500)
    assert run("Dead") == ["Dead: 25 moved"], "each batch"
    assert sorted(sqs.bodies("work")) == sorted(f"m{number}" for number in range(25))
    assert all(each["Attributes"]["MessageGroupId"] == "co_1" for each in sqs.messages["work"]), "a fair queue needs the tenant"
    assert sqs.bodies("dead") == ["failed again"] and not sqs.messages["dead"][0]["hidden"], "what fails again waits for the next run"
    assert run() == ["Dead: 0 moved", "Lone: 1 stay, no queue is their source"], "twice is safe"
    # A long run receives a message that stays a second time: the newest handle shows it, and it is shown once.
    sqs.shown_again.add("failed again")
    assert run("Dead") == ["Dead: 0 moved"]
    assert sqs.bodies("dead") == ["failed again"] and not sqs.messages["dead"][0]["hidden"], "the void handle was used"
    # Somebody else has it meanwhile: the other queues still get their turn.
    for code in ("MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight", "ReceiptHandleIsInvalid"):
        sqs.refuses_to_show = code
        assert run() == ["Dead: 0 moved", "Lone: 1 stay, no queue is their source"], code
        sqs.messages["dead"][0]["hidden"] = False
    sqs.refuses_to_show = "AccessDenied"
    try:
        run("Dead")
        raise AssertionError("a refusal that an operator must know of was ignored")
    except Refused:
        sqs.refuses_to_show, sqs.messages["dead"][0]["hidden"] = None, False
    # Killed between the two calls: the message is there twice, and never lost.
    sqs.put("dead", "kept", 500)
    sqs.killed_after_send = True
    try:
        run("Dead")
        raise AssertionError("it went on")
    except KeyboardInterrupt:
        assert "kept" in sqs.bodies("dead") and "kept" in sqs.bodies("work")
    try:
        run("Nothing")
        raise AssertionError("a queue that is not there was found")
    except Missing:
        pass
    print("redrive.py: ok")


# ---- Commands ---------------------------------------------------------------------------------------------


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", nargs="?", choices=["self-test"])
    parser.add_argument("--stack", help="a deployed stack; default: the local one")
    parser.add_argument("--queue", help="only this dead-letter queue")
    options = parser.parse_args()
    if options.command == "self-test":
        return self_test()
    python = tools.environment("aws") / "python"
    if pathlib.Path(sys.prefix) != python.parents[1]:
        os.execv(python, [str(python), str(HERE / "redrive.py"), *sys.argv[1:]])
    if options.stack:
        import boto3

        name, client = options.stack, boto3.client
    else:
        import stack as local

        described = local.read_json(pathlib.Path(os.environ.get("COUNTERSIGN_STACK", local.STATE)))
        if not described:
            raise Missing("the stack is not up. Start it with: make up; or name a deployed one: make redrive stack=NAME")
        name, client = local.STACK, lambda service: local.client(service, described["endpoint"])
    began_ms = int(time.time() * 1000)
    for line in redrive(client("sqs"), client("cloudformation"), name, options.queue, began_ms):
        print(line, flush=True)


if __name__ == "__main__":
    try:
        main()
    except Missing as missing:
        sys.exit(f"error: {missing}")
