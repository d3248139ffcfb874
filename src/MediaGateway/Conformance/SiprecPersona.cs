using System.Globalization;
using System.Text;

namespace EdgeAssist.MediaGateway.Conformance;

/// <summary>One make of recording client, as far as its messages are peculiar. Written from what is known of the makes, not copied.</summary>
internal sealed record SiprecPersona(string Name)
{
    public string Reference { get; init; } = "RFC 7866";

    /// <summary>Header lines besides the usual ones, each with its line end.</summary>
    public string Headers { get; init; } = "Require: siprec\r\n";

    /// <summary>Parameters behind the Contact address.</summary>
    public string ContactMark { get; init; } = ";+sip.src";

    /// <summary>Content-Type of the multipart body, boundary included.</summary>
    public string ContentType { get; init; } = "multipart/mixed;boundary=cut";

    public string Boundary { get; init; } = "cut";

    /// <summary>Line end of the body: CRLF, or LF alone.</summary>
    public string LineEnd { get; init; } = "\r\n";

    /// <summary>Description with one %PORT% for each line; empty: an INVITE without an offer.</summary>
    public required string Sdp { get; init; }

    /// <summary>Metadata document, empty for none.</summary>
    public string Metadata { get; init; } = "";

    public string MetadataType { get; init; } = "application/rs-metadata+xml";

    public bool MetadataFirst { get; init; }

    /// <summary>A third part, headers and content; empty for none.</summary>
    public string MorePart { get; init; } = "";

    /// <summary>Header lines of an INFO sent in the call, each with its line end; empty for none.</summary>
    public string Info { get; init; } = "";

    /// <summary>For each line whether a server that takes G.711 audio should take it.</summary>
    public required IReadOnlyList<bool> Taken { get; init; }

    /// <summary>Whether the lines start inactive.</summary>
    public bool StartsInactive { get; init; }

    /// <summary>The description with its ports.</summary>
    public string Description(string? direction = null)
    {
        var port = 41_000;
        var text = new StringBuilder();
        foreach (var piece in Sdp.Split("%PORT%"))
        {
            if (text.Length > 0) text.Append((port += 2).ToString(CultureInfo.InvariantCulture));
            text.Append(piece);
        }

        var sdp = text.ToString();
        return direction is null ? sdp : sdp.Replace(StartsInactive ? "a=inactive" : "a=sendonly", "a=" + direction, StringComparison.Ordinal);
    }

    /// <summary>The body of the INVITE.</summary>
    public (string ContentType, string Body) Body()
    {
        var sdp = Sdp.Length == 0 ? "" : Part("Content-Type: application/sdp", Description());
        var metadata = Metadata.Length == 0 ? "" : Part($"Content-Type: {MetadataType}\nContent-Disposition: recording-session", Metadata);
        if (sdp.Length == 0 && metadata.Length == 0) return ("", "");
        if (metadata.Length == 0) return ("application/sdp", Lines(Description()));

        var parts = (MetadataFirst ? metadata + sdp : sdp + metadata) + (MorePart.Length > 0 ? Lines($"--{Boundary}\n{MorePart}\n") : "");
        return (ContentType, parts + Lines($"--{Boundary}--\n"));
    }

    private string Part(string headers, string content) => Lines($"--{Boundary}\n{headers}\n\n{content}\n");

    private string Lines(string text) => text.ReplaceLineEndings("\n").Replace("\n", LineEnd, StringComparison.Ordinal);
}
