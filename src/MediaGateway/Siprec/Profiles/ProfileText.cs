using System.Text.RegularExpressions;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Siprec.Profiles;

/// <summary>What a profile looks at: the INVITE of a session, its first description and its metadata as it stands.</summary>
internal readonly record struct ProfileSubject(SipRequest Invite, SessionDescription? Sdp, MetadataState Metadata);

/// <summary>A place a client writes something at, and what is taken from there. One place each; as data of a profile.</summary>
internal record ProfileText
{
    /// <summary>A header field of the INVITE.</summary>
    public string Header { get; init; } = "";

    /// <summary>An element of extension data, by local name, at any depth.</summary>
    public string Extension { get; init; } = "";

    /// <summary>The namespace of any extension element.</summary>
    public string ExtensionNamespace { get; init; } = "";

    /// <summary>The user of the description's o= line.</summary>
    public bool SdpUser { get; init; }

    /// <summary>A media label that is there.</summary>
    public string Label { get; init; } = "";

    /// <summary>The dialect of the metadata.</summary>
    public MetadataDialect? Dialect { get; init; }

    /// <summary>A regular expression that has to match, without case; its first group is what is taken, or all of the match. Empty takes everything.</summary>
    public string Pattern { get; init; } = "";

    /// <summary>Empty for the text itself, <c>ucid</c> for a Universal Call ID in a User-to-User value.</summary>
    public string Format { get; init; } = "";

    // No backtracking: the time is bound by the length of the text, whoever wrote it.
    private Regex Compiled => field ??= new Regex(Pattern, RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    /// <summary>The text, null when there is none.</summary>
    public string? Read(in ProfileSubject subject)
    {
        if (Raw(subject) is not { Length: > 0 } text) return null;
        if (Pattern.Length > 0)
        {
            var match = Compiled.Match(text);
            if (!match.Success) return null;
            text = match.Groups.Count > 1 ? match.Groups[1].Value : match.Value;
        }

        return Format == "ucid" ? UniversalCallId.Of(text) : text.Trim();
    }

    /// <summary>What is wrong with it, null for nothing.</summary>
    public string? Fault()
    {
        var places = new[] { Header.Length > 0, Extension.Length > 0, ExtensionNamespace.Length > 0, SdpUser, Label.Length > 0, Dialect is not null };
        if (places.Count(place => place) != 1) return "every rule names one place: header, extension, extensionNamespace, sdpUser, label or dialect";
        if (Format is not ("" or "ucid")) return $"format '{Format}' is unknown; write ucid or leave it out";
        try
        {
            _ = Compiled;
            return null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return $"pattern '{Pattern}' cannot be used: {e.Message}";
        }
    }

    private string? Raw(in ProfileSubject subject)
    {
        if (Header.Length > 0) return subject.Invite.Headers.First(Header);
        if (SdpUser) return subject.Sdp?.Origin.User;
        if (Dialect is { } dialect) return subject.Metadata.Dialect == dialect ? dialect.ToString() : null;
        if (Label.Length > 0) return subject.Sdp?.Media.Any(media => media.Label == Label) == true ? Label : null;
        return subject.Metadata.Extensions.Select(extension => TextOf(extension.Element)).FirstOrDefault(text => text is not null);
    }

    private string? TextOf(XmlElement element)
    {
        if (ExtensionNamespace.Length > 0 && element.Namespace == ExtensionNamespace) return ExtensionNamespace;
        if (Extension.Length > 0 && element.Name.Equals(Extension, StringComparison.OrdinalIgnoreCase) && element.Text.Trim().Length > 0) return element.Text.Trim();
        return element.Children.Select(TextOf).FirstOrDefault(text => text is not null);
    }
}
