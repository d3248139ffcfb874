"""A client that shares no code with the relay: python3-grpcio, messages built from descriptors, nothing generated.

usage: watch.py ADDRESS TOKEN DESCRIPTORS
Reads commands from stdin, one a line, and says one JSON object a line:
  watch [RESUME_TOKEN]   messages up to and including the first event (or the failure)
  health SERVICE         serving status
  claim ALERT_ID REQUEST_ID
"""
import json
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

address, token, descriptors = sys.argv[1:4]
pool = descriptor_pool.DescriptorPool()
files = descriptor_pb2.FileDescriptorSet()
with open(descriptors, "rb") as read:
    files.ParseFromString(read.read())
for file in files.file:
    pool.Add(file)
factory = message_factory.MessageFactory(pool)


def message(name):
    return factory.GetPrototype(pool.FindMessageTypeByName(name))


def say(what, value):
    print(json.dumps({"what": what, "value": value}), flush=True)


def as_json(value):
    return json_format.MessageToDict(value, preserving_proto_field_name=True)


def fail(error):
    trailers = {key: value for key, value in error.trailing_metadata() if not key.endswith("-bin")}
    say("failure", {"code": error.code().name, "trailers": trailers})


channel = grpc.insecure_channel(address)
headers = [("authorization", "Bearer " + token)]
watch = channel.unary_stream(
    "/edgeassist.v1.Alerts/Watch",
    request_serializer=lambda request: request.SerializeToString(),
    response_deserializer=message("edgeassist.v1.WatchAlertsResponse").FromString)
claim = channel.unary_unary(
    "/edgeassist.v1.Alerts/Claim",
    request_serializer=lambda request: request.SerializeToString(),
    response_deserializer=message("edgeassist.v1.Alert").FromString)
check = channel.unary_unary(
    "/grpc.health.v1.Health/Check",
    request_serializer=lambda request: request.SerializeToString(),
    response_deserializer=message("grpc.health.v1.HealthCheckResponse").FromString)

for line in sys.stdin:
    words = line.split()
    try:
        if words[0] == "watch":
            request = message("edgeassist.v1.WatchAlertsRequest")(snapshot=len(words) == 1, resume_token=words[1] if len(words) > 1 else "")
            stream = watch(request, metadata=headers)
            for response in stream:
                kind = response.WhichOneof("message")
                say(kind, as_json(getattr(response, kind)))
                if kind == "event":
                    break
            stream.cancel()
        elif words[0] == "health":
            answer = check(message("grpc.health.v1.HealthCheckRequest")(service=words[1]), timeout=5)
            say("health", as_json(answer))
        elif words[0] == "claim":
            answer = claim(message("edgeassist.v1.AlertActionRequest")(alert_id=words[1], request_id=words[2]), metadata=headers, timeout=5)
            say("alert", as_json(answer))
    except grpc.RpcError as error:
        fail(error)
