using System.Buffers;
using System.Text.Json;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines;

/// <summary>
/// Writes, member by member, what every step writes: node states, tokens, and the four facts of an activity that runs.
/// The serializer's JSON is the same, and reads it; but for each object within an object it allocates more than the
/// object, which was a sixth of all that a step allocates. What is rarer is left to the serializer.
/// </summary>
internal static class StepJson
{
    private const int KeptBytesMax = 64 * 1024;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    /// <summary>The bytes of one record.</summary>
    public static byte[] ToUtf8<T>(T record, Action<Utf8JsonWriter, T> write)
    {
        ArrayBufferWriter<byte> buffer = _buffer ??= new(1024);
        Utf8JsonWriter writer = _writer ??= MachineJson.CreateWriter(buffer);
        try
        {
            write(writer, record);
            writer.Flush();
            return buffer.WrittenSpan.ToArray();
        }
        finally
        {
            if (buffer.Capacity > KeptBytesMax)
            {
                _writer = null;
                _buffer = null;
            }
            else
            {
                buffer.ResetWrittenCount();
                writer.Reset(buffer);
            }
        }
    }

    /// <summary>Writes a fact; false where it is left to the serializer.</summary>
    public static bool TryWrite(Utf8JsonWriter writer, MachineEvent item)
    {
        switch (item)
        {
            case TokenMoved moved:
                Begin(writer, Names.TokenMoved);
                writer.WritePropertyName(Names.Token);
                Write(writer, moved.Token);
                break;
            case NodeStarted started:
                Begin(writer, Names.NodeStarted);
                writer.WriteString(Names.Token, started.Token);
                writer.WriteNumber(Names.Step, started.Step);
                writer.WriteNumber(Names.Attempt, started.Attempt);
                writer.WriteNumber(Names.Run, started.Run);
                writer.WriteString(Names.Version, started.Version);
                writer.WriteNumber(Names.Loop, started.Loop);
                writer.WriteNumber(Names.InnerLoop, started.InnerLoop);
                WriteTrue(writer, Names.IsReentry, started.IsReentry);
                WriteTrue(writer, Names.ResetsRetry, started.ResetsRetry);
                writer.WriteString(Names.Time, started.Time);
                break;
            case NodeExecutionBegan began:
                Begin(writer, Names.NodeExecutionBegan);
                writer.WriteString(Names.Owner, began.Owner);
                Write(writer, Names.Inputs, began.Inputs);
                writer.WriteString(Names.Time, began.Time);
                break;
            case NodeFinished finished:
                Begin(writer, Names.NodeFinished);
                WriteTrue(writer, Names.ErrorIgnored, finished.ErrorIgnored);
                Write(writer, Names.Inputs, finished.Inputs);
                Write(writer, Names.Outputs, finished.Outputs);
                WriteTrue(writer, Names.EndsPoll, finished.EndsPoll);
                WriteTrue(writer, Names.MissesDeadline, finished.MissesDeadline);
                Write(writer, Names.Report, finished.Report);
                writer.WriteString(Names.Time, finished.Time);
                break;
            default:
                return false;
        }

        writer.WriteEndObject();
        return true;
    }

    /// <summary>Writes a token.</summary>
    public static void Write(Utf8JsonWriter writer, Token token)
    {
        writer.WriteStartObject();
        writer.WriteString(Names.Id, token.Id);
        writer.WriteString(Names.Node, token.Node);
        writer.WriteNumber(Names.Step, token.Step);
        writer.WriteNumber(Names.Attempt, token.Attempt);
        Write(writer, Names.Stack, token.Stack);
        Write(writer, Names.Parent, token.Parent);
        Write(writer, Names.Destination, token.Destination);
        if (token.Phase != TokenPhase.Entered)
        {
            writer.WriteString(Names.Phase, NameOf(token.Phase));
        }

        Write(writer, Names.Owner, token.Owner);
        Write(writer, Names.HeldBy, token.HeldBy);
        WriteNumber(writer, Names.Awaited, token.Awaited);
        WriteNumber(writer, Names.ArrivedStep, token.ArrivedStep);
        WriteNumber(writer, Names.UpdatesHeard, token.UpdatesHeard);
        writer.WriteEndObject();
    }

    /// <summary>Writes a node's state with its execution data.</summary>
    public static void WriteWithData(Utf8JsonWriter writer, NodeState state) => Write(writer, state, withData: true);

    /// <summary>Writes a node's state without its execution data.</summary>
    public static void WriteWithoutData(Utf8JsonWriter writer, NodeState state) => Write(writer, state, withData: false);

    private static void Write(Utf8JsonWriter writer, NodeState state, bool withData)
    {
        writer.WriteStartObject();
        writer.WriteString(Names.State, NameOf(state.State));
        writer.WriteString(Names.Version, state.Version);
        writer.WriteNumber(Names.Loop, state.Loop);
        writer.WriteNumber(Names.InnerLoop, state.InnerLoop);
        WriteNumber(writer, Names.Retry, state.Retry);
        WriteTrue(writer, Names.Skip, state.Skip);
        WriteTrue(writer, Names.ErrorIgnored, state.ErrorIgnored);
        writer.WriteBoolean(Names.Reached, state.Reached);
        writer.WriteString(Names.CreatedTime, state.CreatedTime);
        Write(writer, Names.StartedTime, state.StartedTime);
        Write(writer, Names.ArchivedTime, state.ArchivedTime);
        writer.WriteString(Names.Token, state.Token);
        writer.WriteNumber(Names.Step, state.Step);
        WriteNumber(writer, Names.Attempt, state.Attempt);
        writer.WriteNumber(Names.Run, state.Run);
        if (state.Phase != NodePhase.None)
        {
            writer.WriteString(Names.Phase, NameOf(state.Phase));
        }

        Write(writer, Names.Owner, state.Owner);
        if (withData)
        {
            Write(writer, Names.RunningInputs, state.RunningInputs);
            Write(writer, Names.Inputs, state.Inputs);
            Write(writer, Names.Outputs, state.Outputs);
        }

        if (state.Schedule is { } schedule)
        {
            writer.WritePropertyName(Names.Schedule);
            MachineJson.Write(writer, schedule);
        }

        if (state.PastSchedules.Count > 0)
        {
            Write(writer, Names.PastSchedules, state.PastSchedules);
        }

        Write(writer, Names.Report, state.Report);
        WriteTrue(writer, Names.PausedWhileRunning, state.PausedWhileRunning);
        WriteTrue(writer, Names.HoldsToken, state.HoldsToken);
        if (state.HeldOutcome is { } held)
        {
            writer.WritePropertyName(Names.HeldOutcome);
            MachineJson.Write(writer, held);
        }

        if (state.Wakes is { } wakes)
        {
            writer.WritePropertyName(Names.Wakes);
            MachineJson.Write(writer, wakes);
        }

        WriteNumber(writer, Names.HistoryCount, state.HistoryCount);
        Write(writer, Names.ResumeAt, state.ResumeAt);
        Write(writer, Names.TraceParent, state.TraceParent);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, JsonEncodedText name, NodeReport? report)
    {
        if (report is null)
        {
            return;
        }

        writer.WriteStartObject(name);
        writer.WriteString(Names.Outcome, NameOf(report.Outcome));
        Write(writer, Names.Next, report.Next);
        WriteTrue(writer, Names.ExtractsOutputs, report.ExtractsOutputs);
        Write(writer, Names.Outputs, report.Outputs);
        Write(writer, Names.Values, report.Values);
        Write(writer, Names.Cause, report.Cause);
        Write(writer, Names.Updates, report.Updates);
        Write(writer, Names.Failure, report.Failure);
        writer.WriteEndObject();
    }

    private static void Begin(Utf8JsonWriter writer, JsonEncodedText name)
    {
        writer.WriteStartObject();
        writer.WriteString(Names.Event, name);
    }

    private static void Write(Utf8JsonWriter writer, JsonEncodedText name, MapValue? map)
    {
        if (map is not null)
        {
            writer.WritePropertyName(name);
            ValueJson.Write(writer, map);
        }
    }

    private static void Write(Utf8JsonWriter writer, JsonEncodedText name, IReadOnlyList<string> texts)
    {
        writer.WriteStartArray(name);
        for (int i = 0; i < texts.Count; i++)
        {
            writer.WriteStringValue(texts[i]);
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, JsonEncodedText name, IReadOnlyList<MapValue>? maps)
    {
        if (maps is not null)
        {
            writer.WriteStartArray(name);
            for (int i = 0; i < maps.Count; i++)
            {
                ValueJson.Write(writer, maps[i]);
            }

            writer.WriteEndArray();
        }
    }

    private static void Write(Utf8JsonWriter writer, JsonEncodedText name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }

    private static void Write(Utf8JsonWriter writer, JsonEncodedText name, DateTimeOffset? time)
    {
        if (time is { } known)
        {
            writer.WriteString(name, known);
        }
    }

    private static void WriteNumber(Utf8JsonWriter writer, JsonEncodedText name, long number)
    {
        if (number != 0)
        {
            writer.WriteNumber(name, number);
        }
    }

    private static void WriteTrue(Utf8JsonWriter writer, JsonEncodedText name, bool flag)
    {
        if (flag)
        {
            writer.WriteBoolean(name, true);
        }
    }

    // The names of the members of an enumeration, as the serializer writes them; made once, because ToString searches.
    private static string NameOf(NodeStateName state) => EnumNames<NodeStateName>.All[(int)state];

    private static string NameOf(NodePhase phase) => EnumNames<NodePhase>.All[(int)phase];

    private static string NameOf(TokenPhase phase) => EnumNames<TokenPhase>.All[(int)phase];

    private static string NameOf(NodeOutcome outcome) => EnumNames<NodeOutcome>.All[(int)outcome];

    private static class EnumNames<T>
        where T : struct, Enum
    {
        public static readonly string[] All = Enum.GetNames<T>();
    }

    private static class Names
    {
        public static readonly JsonEncodedText ArchivedTime = JsonEncodedText.Encode("archivedTime");
        public static readonly JsonEncodedText ArrivedStep = JsonEncodedText.Encode("arrivedStep");
        public static readonly JsonEncodedText Attempt = JsonEncodedText.Encode("attempt");
        public static readonly JsonEncodedText Awaited = JsonEncodedText.Encode("awaited");
        public static readonly JsonEncodedText Cause = JsonEncodedText.Encode("cause");
        public static readonly JsonEncodedText CreatedTime = JsonEncodedText.Encode("createdTime");
        public static readonly JsonEncodedText Destination = JsonEncodedText.Encode("destination");
        public static readonly JsonEncodedText EndsPoll = JsonEncodedText.Encode("endsPoll");
        public static readonly JsonEncodedText ErrorIgnored = JsonEncodedText.Encode("errorIgnored");
        public static readonly JsonEncodedText Event = JsonEncodedText.Encode("event");
        public static readonly JsonEncodedText ExtractsOutputs = JsonEncodedText.Encode("extractsOutputs");
        public static readonly JsonEncodedText Failure = JsonEncodedText.Encode("failure");
        public static readonly JsonEncodedText HeldBy = JsonEncodedText.Encode("heldBy");
        public static readonly JsonEncodedText HeldOutcome = JsonEncodedText.Encode("heldOutcome");
        public static readonly JsonEncodedText HistoryCount = JsonEncodedText.Encode("historyCount");
        public static readonly JsonEncodedText HoldsToken = JsonEncodedText.Encode("holdsToken");
        public static readonly JsonEncodedText Id = JsonEncodedText.Encode("id");
        public static readonly JsonEncodedText InnerLoop = JsonEncodedText.Encode("innerLoop");
        public static readonly JsonEncodedText Inputs = JsonEncodedText.Encode("inputs");
        public static readonly JsonEncodedText IsReentry = JsonEncodedText.Encode("isReentry");
        public static readonly JsonEncodedText Loop = JsonEncodedText.Encode("loop");
        public static readonly JsonEncodedText MissesDeadline = JsonEncodedText.Encode("missesDeadline");
        public static readonly JsonEncodedText Next = JsonEncodedText.Encode("next");
        public static readonly JsonEncodedText Node = JsonEncodedText.Encode("node");
        public static readonly JsonEncodedText Outcome = JsonEncodedText.Encode("outcome");
        public static readonly JsonEncodedText Outputs = JsonEncodedText.Encode("outputs");
        public static readonly JsonEncodedText Owner = JsonEncodedText.Encode("owner");
        public static readonly JsonEncodedText Parent = JsonEncodedText.Encode("parent");
        public static readonly JsonEncodedText PastSchedules = JsonEncodedText.Encode("pastSchedules");
        public static readonly JsonEncodedText PausedWhileRunning = JsonEncodedText.Encode("pausedWhileRunning");
        public static readonly JsonEncodedText Phase = JsonEncodedText.Encode("phase");
        public static readonly JsonEncodedText Reached = JsonEncodedText.Encode("reached");
        public static readonly JsonEncodedText Report = JsonEncodedText.Encode("report");
        public static readonly JsonEncodedText ResetsRetry = JsonEncodedText.Encode("resetsRetry");
        public static readonly JsonEncodedText ResumeAt = JsonEncodedText.Encode("resumeAt");
        public static readonly JsonEncodedText Retry = JsonEncodedText.Encode("retry");
        public static readonly JsonEncodedText Run = JsonEncodedText.Encode("run");
        public static readonly JsonEncodedText RunningInputs = JsonEncodedText.Encode("runningInputs");
        public static readonly JsonEncodedText Schedule = JsonEncodedText.Encode("schedule");
        public static readonly JsonEncodedText Skip = JsonEncodedText.Encode("skip");
        public static readonly JsonEncodedText Stack = JsonEncodedText.Encode("stack");
        public static readonly JsonEncodedText StartedTime = JsonEncodedText.Encode("startedTime");
        public static readonly JsonEncodedText State = JsonEncodedText.Encode("state");
        public static readonly JsonEncodedText Step = JsonEncodedText.Encode("step");
        public static readonly JsonEncodedText Time = JsonEncodedText.Encode("time");
        public static readonly JsonEncodedText Token = JsonEncodedText.Encode("token");
        public static readonly JsonEncodedText TraceParent = JsonEncodedText.Encode("traceParent");
        public static readonly JsonEncodedText Updates = JsonEncodedText.Encode("updates");
        public static readonly JsonEncodedText UpdatesHeard = JsonEncodedText.Encode("updatesHeard");
        public static readonly JsonEncodedText Values = JsonEncodedText.Encode("values");
        public static readonly JsonEncodedText Version = JsonEncodedText.Encode("version");
        public static readonly JsonEncodedText Wakes = JsonEncodedText.Encode("wakes");
        public static readonly JsonEncodedText NodeExecutionBegan = JsonEncodedText.Encode("node-execution-began");
        public static readonly JsonEncodedText NodeFinished = JsonEncodedText.Encode("node-finished");
        public static readonly JsonEncodedText NodeStarted = JsonEncodedText.Encode("node-started");
        public static readonly JsonEncodedText TokenMoved = JsonEncodedText.Encode("token-moved");
    }
}
