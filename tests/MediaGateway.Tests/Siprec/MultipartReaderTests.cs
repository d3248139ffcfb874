using System.Collections.Immutable;
using System.Text;
using EdgeAssist.MediaGateway.Siprec;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Siprec;

public sealed class MultipartReaderTests
{
    [Theory] // RFC 2046 §5.1.1
    [InlineData("multipart/mixed;boundary=unique")]
    [InlineData("multipart/mixed; boundary=\"unique\"")]
    [InlineData("Multipart/Mixed; charset=utf-8 ;BOUNDARY=unique; x=y")]
    public void The_boundary_is_found_however_it_is_written(string contentType) =>
        Assert.Equal(["application/sdp", "application/rs-metadata"], Read(contentType, "--unique\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--unique\r\nc: application/rs-metadata\r\n\r\n<a/>\r\n--unique--").Select(part => part.ContentType));

    [Fact] // AudioCodes: bare LF, and the body must stay as it is
    public void Bodies_of_bare_LF_stay_untouched()
    {
        var parts = Read("multipart/mixed;boundary=b", "preamble\n--b\nContent-Type: application/sdp\n\nv=0\ns=-\n\n--b\nContent-Type: text/xml\nContent-Disposition: recording-session\n\n\n<a>\n</a>\n--b--\nepilogue\n");

        Assert.Equal(["v=0\ns=-\n", "\n<a>\n</a>"], parts.Select(part => Encoding.UTF8.GetString(part.Content.Span)));
        Assert.True(parts[1].IsMetadata);
    }

    [Fact]
    public void Parts_nest_and_the_closing_delimiter_may_be_missing()
    {
        var parts = Read("multipart/mixed;boundary=a", "--a\r\nContent-Type: multipart/related;boundary=ab\r\n\r\n--ab\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--ab--\r\n--a\r\nContent-Type: application/gtd\r\n\r\nIAM,");

        Assert.Equal(["application/sdp", "application/gtd"], parts.Select(part => part.ContentType));
    }

    [Fact] // RFC 4475 §3.1.1.11
    public void A_binary_part_keeps_its_octets_and_a_delimiter_only_counts_at_the_start_of_a_line()
    {
        byte[] body = [.. "--b\r\nContent-Type: application/octet-stream\r\n\r\n"u8, 0, 13, 10, 255, .. "x--b"u8, 10, .. "\r\n--b--\r\n"u8];

        Assert.Equal(BodyError.None, MultipartReader.TryRead("multipart/mixed;boundary=b", "", "", body, out var parts));

        Assert.Equal([0, 13, 10, 255, (byte)'x', (byte)'-', (byte)'-', (byte)'b', 10], parts[0].Content.ToArray());
    }

    [Theory] // RFC 2045 §6
    [InlineData("base64", "dj0w\r\nDQo=", "v=0\r\n")]
    [InlineData("quoted-printable", "v=3D0=\r\n!=zz", "v=0!=zz")]
    [InlineData("8BIT", "v=0", "v=0")]
    public void Transfer_encodings_are_removed(string encoding, string body, string expected)
    {
        var parts = Read("multipart/mixed;boundary=b", $"--b\r\nContent-Type: application/sdp\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n--b--");

        Assert.Equal(expected, Encoding.UTF8.GetString(parts[0].Content.Span));
    }

    [Theory]
    [InlineData("multipart/mixed", "--b\r\n", BodyError.NoBoundary)]
    [InlineData("multipart/mixed;boundary=\"\"", "--b\r\n", BodyError.NoBoundary)]
    [InlineData("multipart/mixed;boundary=b", "--b\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--b--", BodyError.TransferEncoding)]
    [InlineData("multipart/mixed;boundary=b", "--b\r\nContent-Transfer-Encoding: gzip\r\n\r\nx\r\n--b--", BodyError.TransferEncoding)]
    internal void What_cannot_be_taken_apart_is_refused(string contentType, string body, BodyError error) =>
        Assert.Equal(error, MultipartReader.TryRead(contentType, "", "", Encoding.UTF8.GetBytes(body), out _));

    [Fact]
    public void Ceilings_on_parts_and_nesting_hold()
    {
        var many = string.Concat(Enumerable.Repeat("--b\r\n\r\nx\r\n", 17)) + "--b--";
        Assert.Equal(BodyError.TooManyParts, MultipartReader.TryRead("multipart/mixed;boundary=b", "", "", Encoding.UTF8.GetBytes(many), out _));

        var deep = string.Concat(Enumerable.Range(0, 6).Select(i => $"--b{i}\r\nContent-Type: multipart/mixed;boundary=b{i + 1}\r\n\r\n"));
        Assert.Equal(BodyError.TooDeep, MultipartReader.TryRead("multipart/mixed;boundary=b0", "", "", Encoding.UTF8.GetBytes(deep), out _));
    }

    private static ImmutableArray<BodyPart> Read(string contentType, string body)
    {
        Assert.Equal(BodyError.None, MultipartReader.TryRead(contentType, "", "", Encoding.UTF8.GetBytes(body), out var parts));
        return parts;
    }
}
