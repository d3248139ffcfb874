namespace EdgeAssist.Host.Doctor;

/// <summary>How a check came out. A warning leaves the appliance working; a failure does not.</summary>
internal enum Verdict
{
    Pass = 0,
    Warn = 1,
    Fail = 2,
}

/// <summary>One finding of <c>edgeassist doctor</c>.</summary>
/// <param name="Subject">What was looked at.</param>
/// <param name="Verdict">How it came out.</param>
/// <param name="Found">What was found, as a fact.</param>
/// <param name="Fix">What to do about it; empty when all is well.</param>
internal sealed record Finding(string Subject, Verdict Verdict, string Found, string Fix = "");

/// <summary>Looks at one thing this machine needs. Reads only, and gives back what it took.</summary>
internal interface IDoctorCheck
{
    Finding Run();
}
