using System.IO.Compression;
using System.Text;

namespace EdgeAssist.Inference.Asr;

/// <summary>Text that says the same over and over compresses well (Radford et al. 2022, §4.5: a zlib ratio above 2.4 is no transcript).</summary>
internal static class CompressionGuard
{
    public const double HighestRatio = 2.4;

    /// <summary>Octets of the text over its octets compressed by zlib; 0 for no text.</summary>
    public static double Ratio(string text)
    {
        var octets = Encoding.UTF8.GetBytes(text);
        if (octets.Length == 0) return 0;

        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true)) zlib.Write(octets);
        return (double)octets.Length / packed.Length;
    }
}
