// The journal stores the wire form and streams send it: inside the relay it is the one form of calls and alerts, taken as
// immutable once published. A second set of types beside it would be a mapping to keep in step and nothing more.
global using Google.Protobuf.WellKnownTypes;
