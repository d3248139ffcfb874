using System.Net;

namespace EdgeAssist.RelayBench;

/// <summary>A relay in a process of its own.</summary>
internal interface IRelayUnderTest : IAsyncDisposable
{
    string Name { get; }

    int ProcessId { get; }

    /// <summary>Sets up a call and gives the relay's port for each side.</summary>
    /// <param name="index">Of the call, from 0.</param>
    /// <param name="caller">Where the caller receives.</param>
    /// <param name="callee">Where the callee receives.</param>
    /// <param name="secure">The callee's side is SRTP, AES-128 with 80 bits of HMAC-SHA1.</param>
    Task<(IPEndPoint Caller, IPEndPoint Callee)> OpenAsync(int index, IPEndPoint caller, IPEndPoint callee, bool secure);

    /// <summary>Begins a measurement; says afterwards what the process has to tell of itself.</summary>
    Task MarkAsync();

    Task<string> ReportAsync(long packets);
}
