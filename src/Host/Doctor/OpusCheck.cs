using EdgeAssist.MediaGateway.Codecs;

namespace EdgeAssist.Host.Doctor;

/// <summary>libopus: without it Opus is not offered, and peers take another codec.</summary>
internal sealed class OpusCheck : IDoctorCheck
{
    public Finding Run() => OpusLibrary.IsAvailable
        ? new Finding("opus", Verdict.Pass, "libopus is installed")
        : new Finding("opus", Verdict.Warn, "libopus is not installed: Opus is not offered", $"Only where peers have no other codec: apt-get install {OpusLibrary.Package}.");
}
