using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Siprec;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Siprec;

/// <summary>Every recording body and document at hand, against the oracle of its index.</summary>
public sealed class SiprecCorpusTests
{
    [Fact] // RFC 7865, RFC 7866, RFC 8068 and devices
    public void Every_file_yields_its_oracle()
    {
        var folder = SharedFolder.Find("conformance/siprec");
        if (folder is null) Assert.Skip("../shared/conformance/siprec is not on this machine.");

        using var index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder!, "index.json")));
        foreach (var entry in index.RootElement.EnumerateArray())
        {
            var file = entry.GetProperty("file").GetString()!;
            var bytes = File.ReadAllBytes(Path.Combine(folder!, file));
            Check(file, entry, entry.GetProperty("oracle"), bytes);
        }
    }

    private static void Check(string file, JsonElement entry, JsonElement oracle, byte[] bytes)
    {
        var kind = entry.GetProperty("kind").GetString();
        var (parts, metadata, sdp) = kind switch
        {
            "multipart-body" => ReadBody(file, bytes, entry.GetProperty("boundary").GetString()!),
            "rs-metadata" => ([], bytes, null),
            _ => ReadTemplate(bytes),
        };

        // A template of an RFC has no parts that could be cut: its headers are elided.
        if (kind == "multipart-body") Same(file, "content_types", Strings(oracle, "content_types"), parts.Select(part => part.ContentType));
        Same(file, "sdp_labels", Strings(oracle, "sdp_labels"), sdp?.Media.Select(media => media.Label) ?? []);
        Same(file, "directions", Strings(oracle, "directions"), sdp?.Media.Select(media => media.DirectionIn(sdp).ToString().ToLowerInvariant()) ?? []);
        Assert.True(oracle.GetProperty("m_lines").GetInt32() == (sdp?.Media.Length ?? 0), $"{file}: m_lines");

        var error = MetadataParser.TryParse(metadata, out var document);
        Assert.True(oracle.GetProperty("xml_well_formed").GetBoolean() == (error == MetadataError.None), $"{file}: {error}");
        if (document is null) return;

        Assert.True(oracle.GetProperty("namespace").GetString() == document.Namespace, $"{file}: namespace {document.Namespace}");
        Assert.True(oracle.GetProperty("datamode").GetString() == document.Mode?.ToString().ToLowerInvariant(), $"{file}: datamode {document.Mode}");
        Assert.True(oracle.GetProperty("dialect").GetString() == Name(document.Dialect), $"{file}: dialect {document.Dialect}");
        Assert.True(oracle.GetProperty("sessions").GetInt32() == document.Sessions.Length, $"{file}: sessions {document.Sessions.Length}");
        Same(file, "participants", Strings(oracle, "participants"), document.Participants.SelectMany(participant => participant.Names).Select(name => name.Aor));
        Same(file, "stream_labels", Strings(oracle, "stream_labels"), document.Streams.Select(stream => stream.Label));
        if (oracle.GetProperty("labels_match").ValueKind == JsonValueKind.True)
            Assert.True(document.Streams.All(stream => sdp!.Media.Any(media => media.Label == stream.Label)), $"{file}: labels_match");
    }

    private static (ImmutableArray<BodyPart> Parts, ReadOnlyMemory<byte> Metadata, SessionDescription? Sdp) ReadBody(string file, byte[] bytes, string boundary)
    {
        Assert.True(MultipartReader.TryRead($"multipart/mixed;boundary={boundary}", "", "", bytes, out var parts) == BodyError.None, file);
        Assert.Equal(SdpParseError.None, SdpParser.TryParse(parts.First(part => part.IsSdp).Content.Span, out var sdp));
        return (parts, parts.First(part => part.IsMetadata).Content, sdp);
    }

    /// <summary>A message as an RFC prints it, indented and with "..." for what is left out: only its SDP lines and its document can be read.</summary>
    private static (ImmutableArray<BodyPart> Parts, ReadOnlyMemory<byte> Metadata, SessionDescription? Sdp) ReadTemplate(byte[] bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        var start = text.IndexOf("<?xml", StringComparison.Ordinal);
        var lines = text[..start].Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("m=", StringComparison.Ordinal) || line.StartsWith("a=", StringComparison.Ordinal)).ToList();
        SessionDescription? sdp = null;
        if (lines.Count > 0) Assert.Equal(SdpParseError.None, SdpParser.TryParse(Encoding.UTF8.GetBytes("v=0\n" + string.Join('\n', lines)), out sdp));
        return ([], Encoding.UTF8.GetBytes(text[start..]), sdp);
    }

    private static string Name(MetadataDialect dialect) => dialect switch
    {
        MetadataDialect.Rfc7865 => "rfc7865",
        MetadataDialect.DraftRecording => "draft-recording",
        _ => "draft-siprec",
    };

    private static string[] Strings(JsonElement oracle, string name) => [.. oracle.GetProperty(name).EnumerateArray().Select(item => item.GetString()!)];

    private static void Same(string file, string what, IEnumerable<string> expected, IEnumerable<string> actual) =>
        Assert.True(expected.SequenceEqual(actual), $"{file}: {what}: [{string.Join(", ", actual)}] where [{string.Join(", ", expected)}] is expected");
}
