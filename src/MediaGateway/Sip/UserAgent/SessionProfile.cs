using System.Collections.Immutable;
using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

/// <summary>What one kind of call layer offers and takes: what Allow, Supported, Accept and Contact say, and what is refused before it is looked at.</summary>
internal sealed record SessionProfile
{
    /// <summary>A recording server (RFC 7866 §6.1.2).</summary>
    public static SessionProfile Recording { get; } = new()
    {
        Methods = [SipMethod.Invite, SipMethod.Ack, SipMethod.Bye, SipMethod.Cancel, SipMethod.Options, SipMethod.Update, SipMethod.Info],
        Supported = "siprec, timer",

        // siprec: RFC 7866. timer: RFC 4028. The others change nothing a recording server does, and recording clients require them:
        // it never sends a 1xx that would have to be reliable.
        Extensions = ["siprec", "timer", "record-aware", "replaces", "100rel"],
        Accept = "application/sdp, multipart/mixed, application/rs-metadata, application/rs-metadata+xml, application/rs-metadata-request",
        Bodies = ["application/sdp", "multipart/", "application/rs-metadata", "text/xml", "application/xml"],
        ContactParameters = ";+sip.srs",
    };

    /// <summary>One side of a back-to-back user agent.</summary>
    public static SessionProfile Bridge { get; } = new()
    {
        Methods =
        [
            SipMethod.Invite, SipMethod.Ack, SipMethod.Bye, SipMethod.Cancel, SipMethod.Options, SipMethod.Update, SipMethod.Info,
            SipMethod.Prack, SipMethod.Refer, SipMethod.Notify, SipMethod.Message,
        ],
        Supported = "100rel, timer, replaces",
        Extensions = ["timer", "100rel", "replaces", "record-aware", "norefersub"],
        Accept = "application/sdp, multipart/mixed, application/pidf+xml",
        Bodies = ["application/sdp", "multipart/", "application/pidf+xml"],
        TakesAnyTarget = true,
    };

    /// <summary>The caller of a supervisor's phone.</summary>
    public static SessionProfile Supervisor { get; } = new()
    {
        Methods = [SipMethod.Invite, SipMethod.Ack, SipMethod.Bye, SipMethod.Cancel, SipMethod.Options, SipMethod.Update, SipMethod.Info],
        Supported = "timer",
        Extensions = ["timer"],
        Accept = "application/sdp",
        Bodies = ["application/sdp", "multipart/"],
    };

    /// <summary>Methods answered, in the order of Allow.</summary>
    public required ImmutableArray<SipMethod> Methods { get; init; }

    /// <summary>Value of Supported.</summary>
    public required string Supported { get; init; }

    /// <summary>Option tags that Require may name.</summary>
    public required ImmutableArray<string> Extensions { get; init; }

    /// <summary>Value of Accept.</summary>
    public required string Accept { get; init; }

    /// <summary>Beginnings of the media types taken in INVITE and UPDATE.</summary>
    public required ImmutableArray<string> Bodies { get; init; }

    /// <summary>Parameters of our Contact, each with its semicolon; empty for none.</summary>
    public string ContactParameters { get; init; } = "";

    /// <summary>Whether a Request-URI may have another scheme than sip and sips: <c>tel:</c>, or <c>urn:service:sos</c> (RFC 5031).</summary>
    public bool TakesAnyTarget { get; init; }

    /// <summary>Value of Allow.</summary>
    public string Allow => field ??= string.Join(", ", Methods);
}
