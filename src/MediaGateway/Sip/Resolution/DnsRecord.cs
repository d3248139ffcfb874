using System.Collections.Immutable;
using System.Net;

namespace EdgeAssist.MediaGateway.Sip.Resolution;

/// <summary>Record types asked for (RFC 1035 §3.2.2, 3596, 2782, 3403).</summary>
internal enum DnsType : ushort
{
    None = 0,
    A = 1,
    CName = 5,
    Aaaa = 28,
    Srv = 33,
    Naptr = 35,
}

/// <summary>A record of an answer. Names are lower case and without the last dot.</summary>
/// <param name="Name">Owner.</param>
/// <param name="Type">Type.</param>
/// <param name="TimeToLive">0 to one day; longer ones are cut to that.</param>
internal abstract record DnsRecord(string Name, DnsType Type, TimeSpan TimeToLive);

/// <summary>A or AAAA.</summary>
internal sealed record DnsAddress(string Name, DnsType Type, TimeSpan TimeToLive, IPAddress Address) : DnsRecord(Name, Type, TimeToLive);

/// <summary>CNAME.</summary>
internal sealed record DnsAlias(string Name, TimeSpan TimeToLive, string Target) : DnsRecord(Name, DnsType.CName, TimeToLive);

/// <summary>SRV (RFC 2782).</summary>
internal sealed record DnsService(string Name, TimeSpan TimeToLive, int Priority, int Weight, int Port, string Target) : DnsRecord(Name, DnsType.Srv, TimeToLive);

/// <summary>NAPTR (RFC 3403 §4); one with a regular expression is of no use to SIP and left out.</summary>
internal sealed record DnsPointer(string Name, TimeSpan TimeToLive, int Order, int Preference, string Flags, string Service, string Replacement)
    : DnsRecord(Name, DnsType.Naptr, TimeToLive);

/// <summary>What a name server said.</summary>
/// <param name="Code">RCODE: 0 no error, 3 no such name, others are failures of the server.</param>
/// <param name="IsTruncated">To be asked again over TCP.</param>
/// <param name="Records">The answer section, of the types above.</param>
internal sealed record DnsReply(int Code, bool IsTruncated, ImmutableArray<DnsRecord> Records)
{
    /// <summary>The server did its part, even if it knows of nothing.</summary>
    public bool IsUsable => Code is 0 or 3;
}
