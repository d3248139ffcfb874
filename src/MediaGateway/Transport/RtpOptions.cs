using System.Net;
using Microsoft.Extensions.Options;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>Section <c>Rtp</c>: how media is received.</summary>
public sealed class RtpOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Rtp";

    /// <summary>Local address of the media ports; <c>0.0.0.0</c> or <c>::</c> for all. Default <c>0.0.0.0</c>.</summary>
    public string Address { get; set; } = "0.0.0.0";

    /// <summary>First port, even (RFC 3550 §11). 0 together with <see cref="PortMax"/> 0: any pair the system has free. Default 20000.</summary>
    public int PortMin { get; set; } = 20_000;

    /// <summary>Last port, odd: the RTCP port of the last pair. Default 23999, 2,000 legs.</summary>
    public int PortMax { get; set; } = 23_999;

    /// <summary>How long a pair rests after a call, so that late packets of it never meet another one. Default 60 s.</summary>
    public TimeSpan PortCoolDown { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a packet waits at first for one missing in front of it, 20 ms to 120 ms; then as the network needs it. Default 60 ms.</summary>
    public TimeSpan JitterDepth { get; set; } = TimeSpan.FromMilliseconds(60);

    /// <summary>How far analysis may fall behind before the oldest audio is dropped, 200 ms to 60 s. Default 2 s.</summary>
    public TimeSpan ForkMaxAge { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Kernel receive buffer of a media socket in octets. Default 262144, more than five seconds of G.711.</summary>
    public int ReceiveBuffer { get; set; } = 256 * 1024;

    internal IPAddress LocalAddress => IPAddress.Parse(Address);
}

/// <summary>Says what is wrong with <see cref="RtpOptions"/> and how to mend it.</summary>
internal sealed class RtpOptionsValidator : IValidateOptions<RtpOptions>
{
    public ValidateOptionsResult Validate(string? name, RtpOptions options)
    {
        List<string> failures = [.. Failures(options)];
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> Failures(RtpOptions options)
    {
        if (!IPAddress.TryParse(options.Address, out _))
            yield return $"Rtp:Address is \"{options.Address}\", which is no IP address. Write an address of this machine, or 0.0.0.0 for all of them.";

        var anyPort = options is { PortMin: 0, PortMax: 0 };
        if (!anyPort && (options.PortMin is < 1_024 or > 65_534 || options.PortMin % 2 != 0))
            yield return $"Rtp:PortMin is {options.PortMin}. Write an even port from 1024 to 65534.";
        if (!anyPort && (options.PortMax > 65_535 || options.PortMax < options.PortMin + 1))
            yield return $"Rtp:PortMax is {options.PortMax}. Write a port from {options.PortMin + 1} (Rtp:PortMin and its RTCP port) to 65535.";

        if (options.PortCoolDown < TimeSpan.Zero || options.PortCoolDown > TimeSpan.FromHours(1))
            yield return $"Rtp:PortCoolDown is {options.PortCoolDown}. Write a time from 00:00:00 to 01:00:00.";
        if (options.JitterDepth < TimeSpan.FromMilliseconds(20) || options.JitterDepth > TimeSpan.FromMilliseconds(120))
            yield return $"Rtp:JitterDepth is {options.JitterDepth}. Write a time from 00:00:00.020 to 00:00:00.120.";
        if (options.ForkMaxAge < TimeSpan.FromMilliseconds(200) || options.ForkMaxAge > TimeSpan.FromSeconds(60))
            yield return $"Rtp:ForkMaxAge is {options.ForkMaxAge}. Write a time from 00:00:00.200 to 00:01:00.";
        if (options.ReceiveBuffer is < 16 * 1024 or > 64 * 1024 * 1024)
            yield return $"Rtp:ReceiveBuffer is {options.ReceiveBuffer}. Write a number of octets from 16384 to 67108864.";
    }
}
