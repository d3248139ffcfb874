using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace EdgeAssist.MediaGateway.Sdp;

/// <summary>Why bytes are not a session description we take.</summary>
internal enum SdpParseError
{
    None = 0,
    TooLong,
    NoVersion,
    TooManyLines,
    TooManyMedia,
    MediaLine,
}

/// <summary>
/// Parses session descriptions (RFC 8866) as peers write them: LF alone, lines missing (s=, t=, c=), in another order, or
/// unknown. Only what decides where media goes must be right: v= and the m= lines.
/// </summary>
internal static class SdpParser
{
    public const int MaxBytes = 64 * 1024;
    private const int MaxLines = 2048;
    private const int MaxMedia = 64;

    public static SdpParseError TryParse(ReadOnlySpan<byte> bytes, out SessionDescription description)
    {
        description = new SessionDescription();
        if (bytes.Length > MaxBytes) return SdpParseError.TooLong;

        var state = new State();
        // Some devices end the body, or lines of it, with NUL.
        var text = Encoding.UTF8.GetString(bytes).Replace('\0', ' ');
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            if (++state.Lines > MaxLines) return SdpParseError.TooManyLines;
            var line = raw.Trim();
            if (line.Length < 2 || line[1] != '=') continue;
            if (state.TakeLine(line[0], line[2..].Trim()) is var error and not SdpParseError.None) return error;
        }

        if (!state.HasVersion) return SdpParseError.NoVersion;
        description = state.Finish();
        return SdpParseError.None;
    }

    /// <summary>What has been read so far: the session part, then one media part after another.</summary>
    private sealed class State
    {
        private readonly ImmutableArray<SdpAttribute>.Builder _attributes = ImmutableArray.CreateBuilder<SdpAttribute>();
        private readonly ImmutableArray<MediaDescription>.Builder _media = ImmutableArray.CreateBuilder<MediaDescription>();
        private SessionDescription _session = new();
        private MediaDescription? _current;

        public int Lines { get; set; }

        public bool HasVersion { get; private set; }

        public SdpParseError TakeLine(char type, ReadOnlySpan<char> value)
        {
            switch (type)
            {
                case 'v': HasVersion = true; break;
                case 'o' when _current is null: _session = _session with { Origin = ParseOrigin(value) }; break;
                case 's' when _current is null && !value.IsEmpty: _session = _session with { Name = value.ToString() }; break;
                case 'c': TakeConnection(value); break;
                case 'b': TakeBandwidth(value.ToString()); break;
                case 'a': TakeAttribute(value); break;
                case 'm':
                    CloseMedia();
                    if (_media.Count >= MaxMedia) return SdpParseError.TooManyMedia;
                    if (!TryParseMedia(value, out _current)) return SdpParseError.MediaLine;
                    break;
            }

            return SdpParseError.None;
        }

        public SessionDescription Finish()
        {
            CloseMedia();
            return _session with { Media = _media.ToImmutable() };
        }

        private void CloseMedia()
        {
            if (_current is null) _session = _session with { Attributes = _attributes.ToImmutable() };
            else _media.Add(_current with { Attributes = _attributes.ToImmutable() });
            _attributes.Clear();
        }

        private void TakeConnection(ReadOnlySpan<char> value)
        {
            // "IN IP4 192.0.2.1", for multicast with "/ttl".
            var address = value.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "";
            var text = address.Split('/')[0];
            if (text.Length == 0) return;
            if (_current is null) _session = _session with { Connection = text };
            else _current = _current with { Connection = text };
        }

        private void TakeBandwidth(string value)
        {
            if (_current is null) _session = _session with { Bandwidth = _session.Bandwidth.Add(value) };
            else _current = _current with { Bandwidth = _current.Bandwidth.Add(value) };
        }

        private void TakeAttribute(ReadOnlySpan<char> value)
        {
            var colon = value.IndexOf(':');
            var name = (colon < 0 ? value : value[..colon]).Trim().ToString();
            if (name.Length > 0) _attributes.Add(new SdpAttribute(name, colon < 0 ? null : value[(colon + 1)..].Trim().ToString()));
        }

        private static SdpOrigin ParseOrigin(ReadOnlySpan<char> value)
        {
            var parts = value.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length < 6) return new SdpOrigin("-", "0", 0, "0.0.0.0");
            _ = ulong.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var version);
            return new SdpOrigin(parts[0], parts[1], version, parts[5]);
        }

        private static bool TryParseMedia(ReadOnlySpan<char> value, out MediaDescription? media)
        {
            media = null;
            var parts = value.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length < 3) return false;
            var port = parts[1].Split('/')[0];
            if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > 65_535) return false;
            media = new MediaDescription { Kind = parts[0].ToLowerInvariant(), Port = number, Protocol = parts[2], Formats = [.. parts.Skip(3)] };
            return true;
        }
    }
}
