using System.Numerics.Tensors;

namespace EdgeAssist.Inference.Vad;

/// <summary>
/// Voice activity by loudness alone, for machines on which the model is missing: a frame well above the quietest of the last
/// seconds is taken for speech. Good enough for overlap, silence and loudness; words are not cut with it.
/// </summary>
internal sealed class LevelVoice : IVoiceActivityModel
{
    public IVoiceActivity Begin() => new Leg();

    public void Dispose()
    {
    }

    private sealed class Leg : IVoiceActivity
    {
        private const float Floor = 1e-5f;          // mean square of -50 dB of full scale: quieter than anybody speaks
        private const float AboveNoise = 8f;        // 9 dB above the noise
        private const float NoiseRises = 1.01f;     // a frame: the estimate doubles in 2.2 s of steady noise

        private float _noise = Floor;

        public float Next(ReadOnlySpan<float> frame)
        {
            var power = TensorPrimitives.SumOfSquares(frame) / frame.Length;
            _noise = Math.Max(Floor / AboveNoise, Math.Min(power, _noise * NoiseRises));
            return power > Floor && power > _noise * AboveNoise ? 1 : 0;
        }

        public void Reset() => _noise = Floor;

        public void Dispose()
        {
        }
    }
}
