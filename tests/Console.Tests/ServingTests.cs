using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeAssist.ConsoleTests.Support;
using Xunit;

namespace EdgeAssist.ConsoleTests;

/// <summary>How the appliance serves the console: at the endpoint of gRPC-Web, strict, squeezed, and nothing else than its files.</summary>
public sealed partial class ServingTests : IAsyncLifetime
{
    private ConsoleDesk _desk = null!;
    private HttpClient _http = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _desk = await ConsoleDesk.StartAsync(Cancel);
        _http = new HttpClient { BaseAddress = _desk.Appliance.Web };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _desk.DisposeAsync();
    }

    [Fact]
    public async Task The_page_names_no_other_host_and_allows_nothing_inline()
    {
        using var page = await _http.GetAsync("/", Cancel);

        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", page.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", page.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("no-cache", page.Headers.CacheControl!.ToString());
        var html = await page.Content.ReadAsStringAsync(Cancel);
        Assert.DoesNotMatch(@"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|https?://", html);
    }

    [Fact]
    public async Task Everything_the_page_needs_is_there_and_what_has_its_hash_in_its_name_may_be_kept()
    {
        var html = await _http.GetStringAsync("/", Cancel);
        var named = Named().Matches(html).Select(match => match.Groups["path"].Value).ToList();

        Assert.True(named.Count >= 4, html);
        foreach (var path in named)
        {
            using var answer = await _http.GetAsync(path, Cancel);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            var cached = answer.Headers.CacheControl!;
            if (path.StartsWith("/assets/", StringComparison.Ordinal)) Assert.Equal(TimeSpan.FromDays(365), cached.MaxAge);
            else Assert.True(cached.NoCache, path);
        }
    }

    [Theory]
    [InlineData("br", "br")]
    [InlineData("gzip, deflate", "gzip")]
    [InlineData("br;q=0, gzip", "gzip")]
    [InlineData("identity", "")]
    public async Task A_script_comes_as_small_as_the_browser_takes_it(string accepted, string encoding)
    {
        var path = Named().Matches(await _http.GetStringAsync("/", Cancel)).Select(match => match.Groups["path"].Value).First(name => name.EndsWith(".js", StringComparison.Ordinal));
        var plain = await _http.GetByteArrayAsync(path, Cancel);
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);

        using var answer = await _http.SendAsync(request, Cancel);

        var body = await answer.Content.ReadAsByteArrayAsync(Cancel);
        Assert.Equal(encoding, string.Join(",", answer.Content.Headers.ContentEncoding));
        using var stream = new MemoryStream(body);
        using Stream unpacked = encoding switch { "br" => new BrotliStream(stream, CompressionMode.Decompress), "gzip" => new GZipStream(stream, CompressionMode.Decompress), _ => stream };
        using var whole = new MemoryStream();
        await unpacked.CopyToAsync(whole, Cancel);
        Assert.Equal(plain, whole.ToArray());
        if (encoding.Length > 0) Assert.True(body.Length < plain.Length / 2, $"{body.Length} of {plain.Length} bytes");
    }

    [Fact] // RFC 9110 §13.1.2
    public async Task A_page_the_browser_has_is_not_sent_again()
    {
        using var first = await _http.GetAsync("/", Cancel);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        using var second = await _http.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Theory]
    [InlineData("/console.json")]
    [InlineData("/assets/")]
    [InlineData("/..%2fappsettings.json")]
    [InlineData("/assets/..%2f..%2fappsettings.json")]
    [InlineData("/%2e%2e/appsettings.json")]
    [InlineData("/index.html.br")]
    [InlineData("/nothing")]
    public async Task Nothing_else_is_served(string path)
    {
        using var answer = await _http.GetAsync(path, Cancel);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task The_session_tells_who_one_is_and_only_with_a_token()
    {
        using var without = await _http.GetAsync("/session", Cancel);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/session");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _desk.Token(ConsoleDesk.Sue));

        using var with = await _http.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.Unauthorized, without.StatusCode);
        Assert.True(with.Headers.CacheControl!.NoStore);
        using var said = JsonDocument.Parse(await with.Content.ReadAsStreamAsync(Cancel));
        Assert.Equal("sue", said.RootElement.GetProperty("subject").GetString());
        Assert.Equal("supervisor", said.RootElement.GetProperty("role").GetString());
        Assert.True(said.RootElement.GetProperty("personal").GetBoolean());
    }

    [Fact]
    public async Task A_part_without_a_console_serves_the_streams_all_the_same()
    {
        await using var bare = await ConsoleDesk.StartAsync(Cancel, new KeyValuePair<string, string?>("AlertRelay:ConsoleDirectory", ""));
        using var http = new HttpClient { BaseAddress = bare.Appliance.Web };

        using var page = await http.GetAsync("/", Cancel);
        using var health = await http.GetAsync("/healthz", Cancel);

        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        Assert.NotEqual(HttpStatusCode.NotFound, health.StatusCode);
    }

    [GeneratedRegex("(src|href)=\"(?<path>/[^\"]+)\"", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Named();
}
