using System.Diagnostics;
using System.Security.Cryptography;
using EdgeAssist.Inference.Models.Conversion;

namespace EdgeAssist.InferenceBench;

/// <summary>What does the conversion of the packaged decoder give? Prints what the manifest pins.</summary>
internal static class ConvertBench
{
    public static int Run(string merged, string folder)
    {
        var bytes = File.ReadAllBytes(merged);
        Directory.CreateDirectory(folder);
        foreach (var (name, convert) in new (string, Func<ReadOnlyMemory<byte>, byte[]>)[] { ("decoder_first.onnx", MoonshineDecoder.FirstStep), ("decoder_later.onnx", MoonshineDecoder.LaterSteps) })
        {
            var begun = Stopwatch.GetTimestamp();
            var result = convert(bytes);
            File.WriteAllBytes(Path.Combine(folder, name), result);
            Console.WriteLine($"{name}: {result.Length} octets, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(result))}, {Stopwatch.GetElapsedTime(begun).TotalMilliseconds:0} ms");
        }

        return 0;
    }
}
