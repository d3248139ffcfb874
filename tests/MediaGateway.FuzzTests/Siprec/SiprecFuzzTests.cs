using System.Text;
using CsCheck;
using EdgeAssist.MediaGateway.Siprec;
using EdgeAssist.Testing.Sip;
using Xunit;

namespace EdgeAssist.MediaGateway.FuzzTests.Siprec;

public sealed class SiprecFuzzTests
{
    private static readonly byte[][] s_bodies =
    [
        Encoding.UTF8.GetBytes(SiprecText.Multipart(SiprecText.Offer(), SiprecText.Metadata()).Body),
        "--unique\nContent-Type: multipart/related;boundary=b2\nContent-Transfer-Encoding: base64\n\n--b2\nc: text/xml\nContent-Disposition: recording-session\n\n<a/>\n--b2--\n--unique--"u8.ToArray(),
        .. Mutation.SharedFiles("conformance/siprec", "drachtio-*.txt"),
    ];

    private static readonly byte[][] s_documents =
        [Encoding.UTF8.GetBytes(SiprecText.Metadata()), Encoding.UTF8.GetBytes(SiprecText.Metadata("partial")), .. Mutation.SharedFiles("conformance/siprec", "*.xml")];

    [Fact]
    public void Any_body_is_refused_or_taken_apart_and_no_part_is_larger_than_the_whole() =>
        Gen.Select(Mutation.Of(s_bodies), Gen.OneOf("unique", "foobar", "uniqueBoundary", "\"OSS-unique-boundary-42\"", "sonus-content-delim")).Sample((body, boundary) =>
        {
            if (MultipartReader.TryRead("multipart/mixed;boundary=" + boundary, "", "", body, out var parts) != BodyError.None) return;
            Assert.True(parts.Sum(part => part.Content.Length) <= body.Length);
            foreach (var part in parts.Where(part => part.IsMetadata)) MetadataParser.TryParse(part.Content, out _);
        }, iter: 8000);

    [Fact]
    public void Any_document_is_refused_or_read_and_a_read_one_survives_writing() => Mutation.Of(s_documents).Sample(bytes =>
    {
        if (MetadataParser.TryParse(bytes, out var metadata) != MetadataError.None || metadata!.IsSnapshotRequest) return;

        new MetadataState().Apply(metadata);
        Assert.Equal(MetadataError.None, MetadataParser.TryParse(MetadataWriter.Write(metadata), out var again));
        Assert.Equal(metadata.Streams.Select(stream => stream.Id), again!.Streams.Select(stream => stream.Id));
        Assert.Equal(metadata.Participants.Select(participant => participant.Id), again.Participants.Select(participant => participant.Id));
    }, iter: 2500);
}
