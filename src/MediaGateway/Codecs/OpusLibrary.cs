using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeAssist.MediaGateway.Codecs;

/// <summary>
/// libopus (RFC 6716) as the system has it: Debian package libopus0. Where it is missing, Opus is not offered and everything
/// else works.
/// </summary>
internal static unsafe partial class OpusLibrary
{
    /// <summary>What to install for it.</summary>
    public const string Package = "libopus0";

    private const string Name = "libopus.so.0";

    /// <summary>Whether Opus can be decoded here.</summary>
    public static bool IsAvailable { get; } = NativeLibrary.TryLoad(Name, Assembly.GetExecutingAssembly(), null, out _);

    [LibraryImport(Name, EntryPoint = "opus_decoder_create")]
    public static partial OpusDecoderHandle CreateDecoder(int sampleRate, int channels, out int error);

    [LibraryImport(Name, EntryPoint = "opus_decoder_destroy")]
    public static partial void DestroyDecoder(nint decoder);

    /// <param name="decoder">The stream's decoder.</param>
    /// <param name="data">The packet; null conceals a lost one.</param>
    /// <param name="length">Its octets.</param>
    /// <param name="pcm">Receives samples.</param>
    /// <param name="frameSize">Room in <paramref name="pcm"/>; for a lost packet its length.</param>
    /// <param name="useNextPacket">1: <paramref name="data"/> is the packet behind the lost one, whose redundancy is wanted.</param>
    /// <returns>Samples, or a negative error.</returns>
    [LibraryImport(Name, EntryPoint = "opus_decode")]
    public static partial int Decode(OpusDecoderHandle decoder, byte* data, int length, short* pcm, int frameSize, int useNextPacket);

    /// <summary>A decoder's native state.</summary>
    internal sealed class OpusDecoderHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            DestroyDecoder(handle);
            return true;
        }
    }
}

/// <summary>
/// Opus of one stream (RFC 7587) to mono at 16 kHz, which the decoder gives itself: stereo is mixed down and higher bands are
/// left out without another resampler. One for each stream; keep it across packets. Allocates nothing per packet.
/// </summary>
internal sealed unsafe class OpusStreamDecoder : IDisposable
{
    /// <summary>The longest packet: 120 ms (RFC 6716 §2.1.4).</summary>
    public const int MaxSamples = 120 * PcmRate / 1_000;

    private const int PcmRate = 16_000;

    private readonly OpusLibrary.OpusDecoderHandle _decoder;

    /// <exception cref="InvalidOperationException">libopus has no memory, or is not what it should be.</exception>
    public OpusStreamDecoder()
    {
        _decoder = OpusLibrary.CreateDecoder(PcmRate, 1, out var error);
        if (error != 0 || _decoder.IsInvalid) throw new InvalidOperationException($"opus_decoder_create failed with {error}.");
    }

    /// <summary>Decodes a packet.</summary>
    /// <returns>The samples; 0 when it is no Opus.</returns>
    public int Decode(ReadOnlySpan<byte> packet, Span<short> pcm) => packet.IsEmpty ? 0 : Run(packet, pcm, useNextPacket: false);

    /// <summary>Makes up a lost packet out of what came before.</summary>
    /// <param name="pcm">As long as the packet was: a multiple of 2.5 ms.</param>
    public void Conceal(Span<short> pcm)
    {
        if (Run([], pcm, useNextPacket: false) != pcm.Length) pcm.Clear();
    }

    /// <summary>Takes a lost packet out of the redundancy in the one behind it, where there is some; else makes it up (RFC 6716 §2.1.7).</summary>
    /// <param name="next">The packet behind.</param>
    /// <param name="pcm">As long as the lost one was.</param>
    public void Recover(ReadOnlySpan<byte> next, Span<short> pcm)
    {
        if (Run(next, pcm, useNextPacket: true) != pcm.Length) pcm.Clear();
    }

    public void Dispose() => _decoder.Dispose();

    private int Run(ReadOnlySpan<byte> packet, Span<short> pcm, bool useNextPacket)
    {
        fixed (byte* data = packet)
        fixed (short* samples = pcm)
        {
            return Math.Max(0, OpusLibrary.Decode(_decoder, data, packet.Length, samples, pcm.Length, useNextPacket ? 1 : 0));
        }
    }
}
