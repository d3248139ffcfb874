using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>By what an INVITE shows that it opens a recording session, strongest first.</summary>
internal enum RecordingSign
{
    /// <summary>By nothing: only its trunk can say.</summary>
    None = 0,

    /// <summary><c>Require: siprec</c> (RFC 7866 §6.1).</summary>
    Require,

    /// <summary>The feature tag of a recording client in Contact, in one of its spellings.</summary>
    Contact,

    /// <summary>It carries recording metadata.</summary>
    Metadata,
}

/// <summary>Recognises recording sessions. Not every client says <c>Require: siprec</c>.</summary>
internal static class RecordingSigns
{
    // The tag is +sip.src; the other spellings were seen from AudioCodes and from NG9-1-1 clients.
    private static readonly string[] FeatureTags = ["+sip.src", "+sip-src", "+sip-rec", "src"];

    public static RecordingSign Of(SipRequest invite, RecordingBody body)
    {
        if (invite.Headers.HasToken(SipHeaderNames.Require, "siprec")) return RecordingSign.Require;
        if (invite.Headers.Values(SipHeaderNames.Contact).Any(IsRecordingClient)) return RecordingSign.Contact;
        return body.Metadata is not null || body.MetadataError != Siprec.MetadataError.None ? RecordingSign.Metadata : RecordingSign.None;
    }

    private static bool IsRecordingClient(string contact) =>
        NameAddressParser.TryParse(contact, out var address, out _) && FeatureTags.Any(address!.Parameters.Has);
}
