using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace EdgeAssist.AlertRelay.Hosting;

/// <summary>
/// The browser console as it was built: every file and its squeezed forms in memory, by path. What its list
/// (<c>console.json</c>) does not name is not served, and no path of a request ever reaches the file system.
/// </summary>
internal sealed class ConsoleFiles
{
    /// <summary>What the build writes beside the files.</summary>
    public const string ListName = "console.json";

    // Scripts, styles, pictures and streams from here and nowhere else, nothing inline, in nobody's frame.
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lit-html edgeassist";

    private ConsoleFiles(ImmutableArray<ConsoleFile> files) => Files = files;

    public ImmutableArray<ConsoleFile> Files { get; }

    /// <summary>The console in a folder, or null when none was built into it.</summary>
    /// <exception cref="InvalidDataException">The list names what is not there, or is none.</exception>
    public static ConsoleFiles? Read(string folder)
    {
        var list = Path.Combine(folder, ListName);
        if (!File.Exists(list)) return null;
        try
        {
            var named = JsonSerializer.Deserialize(File.ReadAllBytes(list), ConsoleJson.Default.ConsoleList)!;
            return new ConsoleFiles([.. named.Files.Select(entry => ConsoleFile.Read(folder, entry))]);
        }
        catch (Exception broken) when (broken is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidDataException($"The console in {folder} is not whole: {broken.Message}", broken);
        }
    }

    /// <summary>Answers with one file: 304 when the browser has it, squeezed when the browser takes that.</summary>
    public static async Task AnswerAsync(ConsoleFile file, HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        if (context.Request.IsHttps) headers.StrictTransportSecurity = "max-age=31536000";
        headers.ETag = file.Tag;
        headers.CacheControl = file.Immutable ? "public, max-age=31536000, immutable" : "no-cache";
        headers.Vary = HeaderNames.AcceptEncoding;
        if (context.Request.Headers.IfNoneMatch.ToString().Contains(file.Tag, StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        var (encoding, bytes) = file.For(context.Request.Headers.AcceptEncoding.ToString());
        if (encoding.Length > 0) headers.ContentEncoding = encoding;
        context.Response.ContentType = file.Type;
        context.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.BodyWriter.WriteAsync(bytes, context.RequestAborted);
    }
}

/// <summary>One file of the console.</summary>
/// <param name="Path">Under <c>/</c>; <c>index.html</c> is <c>/</c> itself.</param>
/// <param name="Type">Media type.</param>
/// <param name="Immutable">Its name has its hash: it may be kept for ever.</param>
/// <param name="Tag">Strong entity tag (RFC 9110 §8.8.3).</param>
/// <param name="Plain">Its bytes.</param>
/// <param name="Brotli">The same in brotli; empty: not squeezed.</param>
/// <param name="Gzip">The same in gzip.</param>
internal sealed record ConsoleFile(string Path, string Type, bool Immutable, string Tag, ReadOnlyMemory<byte> Plain, ReadOnlyMemory<byte> Brotli, ReadOnlyMemory<byte> Gzip)
{
    public static ConsoleFile Read(string folder, ConsoleListEntry entry)
    {
        var path = System.IO.Path.Combine(folder, entry.Path);
        var plain = File.ReadAllBytes(path);
        byte[] Squeezed(string kind) => entry.Encodings.Contains(kind) ? File.ReadAllBytes(path + "." + kind) : [];
        return new ConsoleFile(
            entry.Path == "index.html" ? "/" : "/" + entry.Path, entry.Type, entry.Immutable,
            "\"" + Convert.ToHexStringLower(SHA256.HashData(plain))[..32] + "\"", plain, Squeezed("br"), Squeezed("gz"));
    }

    /// <summary>The form a browser takes, by its Accept-Encoding; a coding with weight 0 is refused by it (RFC 9110 §12.5.3).</summary>
    public (string Encoding, ReadOnlyMemory<byte> Bytes) For(string accepted)
    {
        var taken = accepted.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(each => each.Split(';', StringSplitOptions.TrimEntries))
            .Where(parts => parts.Length == 1 || parts[1] is not ("q=0" or "q=0.0" or "q=0.00" or "q=0.000"))
            .Select(parts => parts[0])
            .ToList();
        if (Brotli.Length > 0 && taken.Contains("br", StringComparer.OrdinalIgnoreCase)) return ("br", Brotli);
        return Gzip.Length > 0 && taken.Contains("gzip", StringComparer.OrdinalIgnoreCase) ? ("gzip", Gzip) : ("", Plain);
    }
}

/// <summary>The list the build writes.</summary>
internal sealed record ConsoleList([property: JsonRequired] ImmutableArray<ConsoleListEntry> Files);

/// <summary>One file of it.</summary>
internal sealed record ConsoleListEntry([property: JsonRequired] string Path, [property: JsonRequired] string Type, bool Immutable, ImmutableArray<string> Encodings);

/// <summary>Who the console's user is, as it asks after signing in.</summary>
/// <param name="Subject">Stable identity.</param>
/// <param name="Role"><c>agent</c>, <c>supervisor</c> or <c>admin</c>.</param>
/// <param name="Teams">A supervisor's teams.</param>
/// <param name="Personal">May see the customer's number and names.</param>
/// <param name="ExpiresAt">When the token ends.</param>
/// <param name="ServerTime">The server's clock.</param>
internal sealed record ConsoleSession(string Subject, string Role, IReadOnlyList<string> Teams, bool Personal, DateTimeOffset ExpiresAt, DateTimeOffset ServerTime);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ConsoleList))]
[JsonSerializable(typeof(ConsoleSession))]
internal sealed partial class ConsoleJson : JsonSerializerContext;
