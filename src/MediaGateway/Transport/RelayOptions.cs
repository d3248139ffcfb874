using System.Net;
using Microsoft.Extensions.Options;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>Section <c>Relay</c>: how media between the two sides of a call is passed on.</summary>
public sealed class RelayOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Relay";

    /// <summary>Local address of the media ports. Default <c>0.0.0.0</c>, all IPv4 addresses; <c>::</c> for both families.</summary>
    public string Address { get; set; } = "0.0.0.0";

    /// <summary>First port, even. 0 together with <see cref="PortMax"/> 0: any pair the system has free. Default 24000.</summary>
    public int PortMin { get; set; } = 24_000;

    /// <summary>Last port, odd. A call takes two pairs, a supervisor one. Default 31999, 2,000 calls.</summary>
    public int PortMax { get; set; } = 31_999;

    /// <summary>How long a pair rests after a call, so that late packets of it never meet another one. Default 60 s.</summary>
    public TimeSpan PortCoolDown { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Relay threads, 1 to 64; a call stays on one. One carries well over a thousand calls. Default 1.</summary>
    public int Threads { get; set; } = 1;

    /// <summary>
    /// Under load packets are gathered for this long and handled together, 0 to 5 ms. It costs that much delay at most and
    /// saves the wake-ups. With little traffic every packet is handled at once. Default 1 ms.
    /// </summary>
    public TimeSpan Gather { get; set; } = TimeSpan.FromMilliseconds(1);

    /// <summary>DiffServ code point of what is sent, 0 to 63 (RFC 2474). Default 46, expedited forwarding (RFC 3246).</summary>
    public int Dscp { get; set; } = 46;

    /// <summary>Kernel receive buffer of a media socket in octets. Default 262144.</summary>
    public int ReceiveBuffer { get; set; } = 256 * 1024;

    /// <summary>How long the fork waits for a packet missing in front of another, 20 ms to 120 ms. Default 60 ms.</summary>
    public TimeSpan JitterDepth { get; set; } = TimeSpan.FromMilliseconds(60);

    /// <summary>How far analysis may fall behind before the oldest audio is dropped, 200 ms to 60 s. Default 2 s.</summary>
    public TimeSpan ForkMaxAge { get; set; } = TimeSpan.FromSeconds(2);

    internal IPAddress LocalAddress => IPAddress.Parse(Address);
}

/// <summary>Says what is wrong with <see cref="RelayOptions"/> and how to mend it.</summary>
internal sealed class RelayOptionsValidator : IValidateOptions<RelayOptions>
{
    public ValidateOptionsResult Validate(string? name, RelayOptions options)
    {
        List<string> failures = [.. Failures(options)];
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> Failures(RelayOptions options)
    {
        if (!IPAddress.TryParse(options.Address, out _))
            yield return $"Relay:Address is \"{options.Address}\", which is no IP address. Write an address of this machine, or 0.0.0.0 for all of them.";

        var anyPort = options is { PortMin: 0, PortMax: 0 };
        if (!anyPort && (options.PortMin is < 1_024 or > 65_534 || options.PortMin % 2 != 0))
            yield return $"Relay:PortMin is {options.PortMin}. Write an even port from 1024 to 65534.";
        if (!anyPort && (options.PortMax > 65_535 || options.PortMax < options.PortMin + 3))
            yield return $"Relay:PortMax is {options.PortMax}. Write a port from {options.PortMin + 3} (a call takes two pairs) to 65535.";

        if (options.PortCoolDown < TimeSpan.Zero || options.PortCoolDown > TimeSpan.FromHours(1))
            yield return $"Relay:PortCoolDown is {options.PortCoolDown}. Write a time from 00:00:00 to 01:00:00.";
        if (options.Threads is < 1 or > 64)
            yield return $"Relay:Threads is {options.Threads}. Write a number from 1 to 64.";
        if (options.Gather < TimeSpan.Zero || options.Gather > TimeSpan.FromMilliseconds(5))
            yield return $"Relay:Gather is {options.Gather}. Write a time from 00:00:00 to 00:00:00.005.";
        if (options.Dscp is < 0 or > 63)
            yield return $"Relay:Dscp is {options.Dscp}. Write a code point from 0 to 63; 46 is expedited forwarding.";
        if (options.ReceiveBuffer is < 16 * 1024 or > 64 * 1024 * 1024)
            yield return $"Relay:ReceiveBuffer is {options.ReceiveBuffer}. Write a number of octets from 16384 to 67108864.";
        if (options.JitterDepth < TimeSpan.FromMilliseconds(20) || options.JitterDepth > TimeSpan.FromMilliseconds(120))
            yield return $"Relay:JitterDepth is {options.JitterDepth}. Write a time from 00:00:00.020 to 00:00:00.120.";
        if (options.ForkMaxAge < TimeSpan.FromMilliseconds(200) || options.ForkMaxAge > TimeSpan.FromSeconds(60))
            yield return $"Relay:ForkMaxAge is {options.ForkMaxAge}. Write a time from 00:00:00.200 to 00:01:00.";
    }
}
