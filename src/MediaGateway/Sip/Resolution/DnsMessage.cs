using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;

namespace EdgeAssist.MediaGateway.Sip.Resolution;

/// <summary>Queries and replies on the wire (RFC 1035 §4). Reading accepts any octets, never throws, and is bounded in every direction.</summary>
internal static class DnsMessage
{
    private const int HeaderLength = 12;
    private const int MaxName = 255;
    private const int MaxRecords = 256;
    private const int MaxTimeToLive = 86_400;
    private const ushort Internet = 1;

    /// <summary>A recursive query for one name and type.</summary>
    /// <returns>The octets; null when the name cannot be asked for: an empty or long label, or characters no host name has.</returns>
    public static byte[]? TryWriteQuery(ushort id, string name, DnsType type)
    {
        var message = new List<byte>(HeaderLength + name.Length + 6) { (byte)(id >> 8), (byte)id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
        foreach (var label in name.TrimEnd('.').Split('.'))
        {
            if (label.Length is 0 or > 63 || !label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')) return null;
            message.Add((byte)label.Length);
            message.AddRange(Encoding.ASCII.GetBytes(label));
        }

        if (message.Count - HeaderLength + 1 > MaxName) return null;
        message.AddRange([0, (byte)((ushort)type >> 8), (byte)type, 0, (byte)Internet]);
        return [.. message];
    }

    /// <summary>Reads the reply to a query.</summary>
    /// <param name="message">What came.</param>
    /// <param name="id">Id of the query.</param>
    /// <param name="name">Name asked for.</param>
    /// <param name="type">Type asked for.</param>
    /// <param name="reply">The reply; null for octets that are none to this query, or are malformed.</param>
    public static bool TryReadReply(ReadOnlySpan<byte> message, ushort id, string name, DnsType type, [NotNullWhen(true)] out DnsReply? reply)
    {
        reply = null;
        if (message.Length < HeaderLength || BinaryPrimitives.ReadUInt16BigEndian(message) != id) return false;
        var (flags, questions, answers) = (BinaryPrimitives.ReadUInt16BigEndian(message[2..]), BinaryPrimitives.ReadUInt16BigEndian(message[4..]), BinaryPrimitives.ReadUInt16BigEndian(message[6..]));
        if ((flags & 0x8000) == 0 || questions != 1) return false;

        var at = HeaderLength;
        if (!TryReadName(message, ref at, out var asked) || at + 4 > message.Length) return false;
        if (!asked.Equals(name.TrimEnd('.'), StringComparison.OrdinalIgnoreCase) || BinaryPrimitives.ReadUInt16BigEndian(message[at..]) != (ushort)type) return false;
        at += 4;

        var records = ImmutableArray.CreateBuilder<DnsRecord>();
        var isTruncated = (flags & 0x0200) != 0;
        for (var i = 0; i < Math.Min((int)answers, MaxRecords); i++)
        {
            if (TryReadRecord(message, ref at, out var record))
            {
                if (record is not null) records.Add(record);
            }
            else if (isTruncated) break;   // cut in the middle of a record, as truncation does
            else return false;
        }

        reply = new DnsReply(flags & 0xF, isTruncated, records.ToImmutable());
        return true;
    }

    /// <summary>Reads one record and steps behind it; null for one of another type or class, or whose data is malformed.</summary>
    private static bool TryReadRecord(ReadOnlySpan<byte> message, ref int at, out DnsRecord? record)
    {
        record = null;
        if (!TryReadName(message, ref at, out var name) || at + 10 > message.Length) return false;
        var type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
        var network = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]);
        var seconds = Math.Min(BinaryPrimitives.ReadUInt32BigEndian(message[(at + 4)..]), MaxTimeToLive);
        int length = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 8)..]);
        at += 10;
        if (at + length > message.Length) return false;
        if (network == Internet) record = ReadData(message[..(at + length)], at, name, type, TimeSpan.FromSeconds(seconds));
        at += length;
        return true;
    }

    private static DnsRecord? ReadData(ReadOnlySpan<byte> message, int at, string name, DnsType type, TimeSpan life) => type switch
    {
        DnsType.A when message.Length - at == 4 => new DnsAddress(name, type, life, new IPAddress(message[at..])),
        DnsType.Aaaa when message.Length - at == 16 => new DnsAddress(name, type, life, new IPAddress(message[at..])),
        DnsType.CName => TryReadName(message, ref at, out var target) ? new DnsAlias(name, life, target) : null,
        DnsType.Srv => ReadService(message, at, name, life),
        DnsType.Naptr => ReadPointer(message, at, name, life),
        _ => null,
    };

    private static DnsService? ReadService(ReadOnlySpan<byte> message, int at, string name, TimeSpan life)
    {
        if (at + 6 > message.Length) return null;
        var (priority, weight, port) = (BinaryPrimitives.ReadUInt16BigEndian(message[at..]), BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]), BinaryPrimitives.ReadUInt16BigEndian(message[(at + 4)..]));
        at += 6;
        return TryReadName(message, ref at, out var target) ? new DnsService(name, life, priority, weight, port, target) : null;
    }

    private static DnsPointer? ReadPointer(ReadOnlySpan<byte> message, int at, string name, TimeSpan life)
    {
        if (at + 4 > message.Length) return null;
        var (order, preference) = (BinaryPrimitives.ReadUInt16BigEndian(message[at..]), BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]));
        at += 4;
        if (!TryReadText(message, ref at, out var flags) || !TryReadText(message, ref at, out var service) || !TryReadText(message, ref at, out var expression)) return null;
        if (expression.Length > 0 || !TryReadName(message, ref at, out var replacement)) return null;
        return new DnsPointer(name, life, order, preference, flags.ToLowerInvariant(), service.ToUpperInvariant(), replacement);
    }

    private static bool TryReadText(ReadOnlySpan<byte> message, ref int at, out string text)
    {
        text = "";
        if (at >= message.Length || at + 1 + message[at] > message.Length) return false;
        text = Encoding.Latin1.GetString(message.Slice(at + 1, message[at]));
        at += 1 + message[at];
        return true;
    }

    /// <summary>Reads a name (§4.1.4) and steps behind it. A pointer may only point backwards, so that following them ends.</summary>
    private static bool TryReadName(ReadOnlySpan<byte> message, ref int at, out string name)
    {
        name = "";
        var text = new StringBuilder();
        var (position, limit, isFollowed) = (at, message.Length, false);
        while (position < message.Length)
        {
            int length = message[position];
            if (length == 0)
            {
                if (!isFollowed) at = position + 1;
                name = text.ToString();
                return true;
            }

            if ((length & 0xC0) == 0xC0)
            {
                if (position + 1 >= message.Length) return false;
                var target = ((length & 0x3F) << 8) | message[position + 1];
                if (!isFollowed) at = position + 2;
                if (target >= Math.Min(limit, position)) return false;
                (isFollowed, limit, position) = (true, target, target);
                continue;
            }

            if ((length & 0xC0) != 0 || position + 1 + length > message.Length || text.Length + length + 1 > MaxName) return false;
            if (text.Length > 0) text.Append('.');
            foreach (var octet in message.Slice(position + 1, length)) text.Append(char.ToLowerInvariant((char)octet));
            position += 1 + length;
        }

        return false;
    }
}
