using System.Text;
using System.Text.Json;

namespace EdgeAssist.MediaGateway.Conformance;

/// <summary>
/// Messages from files. Sent as they are, but for the topmost sent-by, where the answer goes: a file's own host would get it. With an
/// index.json their verdicts count; without one a server only has to live.
/// </summary>
internal static class VectorFolder
{
    /// <exception cref="IOException">The folder or its index cannot be read.</exception>
    public static IEnumerable<ConformanceCase> Read(string folder)
    {
        var group = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        var index = Path.Combine(folder, "index.json");
        if (!File.Exists(index))
        {
            foreach (var file in Directory.GetFiles(folder, "*.dat").Order(StringComparer.Ordinal))
                yield return Make(group, Path.GetFileName(file), "", File.ReadAllBytes(file), "", "");
            yield break;
        }

        using var document = JsonDocument.Parse(File.ReadAllBytes(index));
        foreach (var entry in document.RootElement.EnumerateArray())
        {
            var file = entry.GetProperty("file").GetString()!;
            if (!file.EndsWith(".dat", StringComparison.Ordinal)) continue;
            yield return Make(group, file, entry.GetProperty("source").GetString() ?? "", File.ReadAllBytes(Path.Combine(folder, file)),
                entry.GetProperty("verdict").GetString() ?? "", entry.GetProperty("expect").GetString() ?? "");
        }
    }

    private static ConformanceCase Make(string group, string file, string source, byte[] bytes, string verdict, string expect) => new(group, file, source, async exchange =>
    {
        var isResponse = bytes.AsSpan().StartsWith("SIP/2.0 "u8);
        if (isResponse || verdict.Length == 0 || expect.Contains("discard", StringComparison.Ordinal))
        {
            exchange.Send(bytes);
            await exchange.ReceiveAsync(TimeSpan.FromMilliseconds(300));
            return null;
        }

        var answer = await exchange.AskAsync(Readdress(bytes, exchange));
        if (answer is null) return exchange.IsClosed && verdict == "invalid" ? null : "no answer";
        return IsAllowed(verdict, expect, answer.Status) ? null : $"{answer.Status} where '{expect}' is expected";
    });

    /// <summary>Whether a status is one of those the index allows; what is for registrars or proxies is nothing for an endpoint.</summary>
    internal static bool IsAllowed(string verdict, string expect, int status)
    {
        var codes = expect.Split(' ', '(', ')', ';', ',', ':').Select(word => int.TryParse(word, out var code) ? code : 0).ToHashSet();
        if (verdict == "invalid") return codes.Contains(status) || (expect.Contains("lenient", StringComparison.Ordinal) && TortureCases.IsUnderstood(status));
        if (expect.Contains("endpoint 501", StringComparison.Ordinal)) return status is 501 or 405;
        if (expect.Contains("endpoint 415", StringComparison.Ordinal)) return status == 415;
        return expect.Contains("416", StringComparison.Ordinal) ? status == 416 : TortureCases.IsUnderstood(status);
    }

    /// <summary>
    /// Puts our own rport into the first Via, right behind its sent-by: with it, and «received» from the server, the answer comes back here.
    /// Messages of one document share a branch, which would make a later one the repetition of an earlier: it gets our token.
    /// </summary>
    private static byte[] Readdress(byte[] bytes, ConformanceExchange exchange)
    {
        if (exchange.IsReliable) return bytes;
        var text = Encoding.Latin1.GetString(bytes);
        var head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is var end and >= 0 ? text[..end] : text;
        foreach (var name in (ReadOnlySpan<string>)["Via:", "v:"])
        {
            var at = head.IndexOf("\r\n" + name, StringComparison.OrdinalIgnoreCase);
            if (at < 0) continue;
            var stop = text.IndexOfAny([';', ',', '\r'], at + 2 + name.Length);
            if (stop < 0 || head.IndexOf(";rport", at, StringComparison.OrdinalIgnoreCase) is var known && known >= 0 && known < text.IndexOf("\r\n", at + 2, StringComparison.Ordinal)) return bytes;
            var line = text.IndexOf("\r\n", at + 2, StringComparison.Ordinal);
            var branch = text.IndexOf("branch=z9hG4bK", stop, StringComparison.Ordinal);
            if (branch >= 0 && branch < line) text = text.Insert(branch + "branch=z9hG4bK".Length, exchange.Token);
            return Encoding.Latin1.GetBytes(text.Insert(stop, ";rport"));
        }

        return bytes;
    }
}
