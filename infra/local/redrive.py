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
    moved, later = 0, []
    while True:
        received = sqs.receive_message(QueueUrl=dead, MaxNumberOfMessages=BATCH, WaitTimeSeconds=WAIT_S, VisibilityTimeout=HIDDEN_S,
                                       MessageSystemAttributeNames=ATTRIBUTES, MessageAttributeNames=["All"])
        messages = received.get("Messages", [])
        for message in messages:
            if int(message["Attributes"]["SentTimestamp"]) >= began_ms:
                later.append(message)
                continue
            sqs.send_message(QueueUrl=source, **copied(message))
            sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
            moved += 1
        if not messages:
            break
    for message in later:
        # Somebody else may have it at once.
        sqs.change_message_visibility(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    return moved


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


class Queues:
    """Queues in memory. A message that was received is hidden until its visibility is changed."""

    def __init__(self, policies):
        self.policies, self.messages, self.killed_after_send = policies, {url: [] for url in policies}, False

    def get_queue_attributes(self, QueueUrl, AttributeNames):
        policy = self.policies[QueueUrl]
        redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": f"arn:{policy}"})} if policy else {}
        count = str(len(self.messages[QueueUrl]))
        return {"Attributes": {"QueueArn": f"arn:{QueueUrl}", "ApproximateNumberOfMessages": count, **redrive}}

    def put(self, url, body, sent_ms, group=None):
        given = {"SentTimestamp": str(sent_ms), **({"MessageGroupId": group} if group else {})}
        handle = f"{url}-{body}-{sent_ms}-{len(self.messages[url])}"
        self.messages[url].append({"Body": body, "Attributes": given, "ReceiptHandle": handle, "hidden": False})

    def receive_message(self, QueueUrl, MaxNumberOfMessages, **_):
        shown = [each for each in self.messages[QueueUrl] if not each["hidden"]][:MaxNumberOfMessages]
        for each in shown:
            each["hidden"] = True
        return {"Messages": shown} if shown else {}

    def send_message(self, QueueUrl, MessageBody, MessageGroupId=None, **_):
        self.put(QueueUrl, MessageBody, 2_000, MessageGroupId)
        if self.killed_after_send:
            raise KeyboardInterrupt

    def delete_message(self, QueueUrl, ReceiptHandle):
        self.messages[QueueUrl] = [each for each in self.messages[QueueUrl] if each["ReceiptHandle"] != ReceiptHandle]

    def change_message_visibility(self, QueueUrl, ReceiptHandle, VisibilityTimeout):
        for each in self.messages[QueueUrl]:
            each["hidden"] = each["hidden"] and each["ReceiptHandle"] != ReceiptHandle

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
