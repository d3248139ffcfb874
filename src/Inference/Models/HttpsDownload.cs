using System.Net;
using System.Net.Http.Headers;

namespace EdgeAssist.Inference.Models;

/// <summary>Loads a file over HTTPS into a partial file, going on where an earlier try ended.</summary>
internal sealed class HttpsDownload(HttpClient http)
{
    private const int BufferSize = 128 * 1024;

    /// <param name="address">Where from.</param>
    /// <param name="part">The partial file; kept when the transfer breaks off.</param>
    /// <param name="size">Octets to expect and the most that are taken; null when not known, then 2 GiB bound it.</param>
    /// <exception cref="ModelException">The server said no, sent too much or broke off; the next call resumes.</exception>
    public async Task FetchAsync(Uri address, string part, long? size, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(part)!);
        var have = File.Exists(part) ? new FileInfo(part).Length : 0;
        if (size is { } whole && have >= whole)
        {
            if (have == whole) return;
            have = 0;
        }

        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (have > 0) request.Headers.Range = new RangeHeaderValue(have, null);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);

            // A server that ignores the range sends everything: start over.
            var resumes = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == have;
            if (!response.IsSuccessStatusCode || (response.StatusCode == HttpStatusCode.PartialContent && !resumes))
                throw new ModelException($"{address} answered {(int)response.StatusCode} ({response.ReasonPhrase}).");

            await CopyAsync(response, part, resumes ? have : 0, size, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new ModelException($"{address} could not be loaded: {e.Message} Run the same command again to go on from where it broke off.", e);
        }
    }

    private static async Task CopyAsync(HttpResponseMessage response, string part, long from, long? size, CancellationToken cancellationToken)
    {
        var source = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = source.ConfigureAwait(false);
        var target = new FileStream(part, from > 0 ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.None);
        await using var __ = target.ConfigureAwait(false);

        var limit = size ?? 2L << 30;
        var done = from;
        var buffer = new byte[BufferSize];
        while (await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var read and > 0)
        {
            if ((done += read) > limit) throw new ModelException($"{response.RequestMessage?.RequestUri} sends more than the {limit} octets the manifest lists; stopped.");
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
        }

        if (size is { } whole && done < whole)
            throw new IOException($"the transfer ended after {done} of {whole} octets.");
    }
}
