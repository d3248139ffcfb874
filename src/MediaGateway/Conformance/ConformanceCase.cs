namespace EdgeAssist.MediaGateway.Conformance;

/// <summary>One thing asked of a server.</summary>
/// <param name="Group"><c>torture</c>, <c>siprec</c> or the name of a folder of vectors.</param>
/// <param name="Name">Short and unique in its group.</param>
/// <param name="Reference">Where the requirement stands.</param>
/// <param name="Run">Plays it; what is wrong with the server, null for nothing.</param>
internal sealed record ConformanceCase(string Group, string Name, string Reference, Func<ConformanceExchange, Task<string?>> Run);

/// <summary>How a server did in one case.</summary>
/// <param name="Group">Of the case.</param>
/// <param name="Name">Of the case.</param>
/// <param name="Reference">Of the case.</param>
/// <param name="Passed">Whether it did what is asked.</param>
/// <param name="Answer">What it answered first, for people: a status, «nothing» or «closed».</param>
/// <param name="Why">What is wrong; empty when it passed.</param>
/// <param name="Milliseconds">From the first octet sent to the verdict.</param>
public sealed record ConformanceVerdict(string Group, string Name, string Reference, bool Passed, string Answer, string Why, double Milliseconds);
