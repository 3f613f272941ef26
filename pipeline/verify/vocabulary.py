"""Words of the field that the gate takes for granted: general abbreviations, and English words with their Korean forms.

The first two tables are kept short on purpose: what stands in them is not asked of the paper. They hold no method's
name. The third holds what is in nearly every paper, by which a sentence can be found again but no paper be told.
"""

# Abbreviations that Korean readers meet everywhere and that a writer may use although the paper spells them out or
# leaves them unsaid; the value is what they stand for, folded, and may be written out beside them.
GLOSSARY: dict[str, str] = {
    "ai": "artificial intelligence",
    "ml": "machine learning",
    "dl": "deep learning",
    "rl": "reinforcement learning",
    "nlp": "natural language processing",
    "cv": "computer vision",
    "lm": "language model",
    "llm": "large language model",
    "vlm": "vision language model",
    "mllm": "multimodal large language model",
    "api": "application programming interface",
    "cpu": "central processing unit",
    "gpu": "graphics processing unit",
    "ui": "user interface",
    "qa": "question answering",
    "sota": "state of the art",
    "top-1": "top 1",  # accuracy of the first guess, written in Latin script in Korean too
    "top-5": "top 5",
    "f1": "f1 score",
    "auc": "area under the curve",
    "id": "identifier",
    "vs": "versus",
    "github": "github",  # where papers say that their code is
}

# English words of titles and their Korean forms, without spaces and hyphens, singular. A word that nearly every entry
# has in Korean (model, data, learning, language, generation, performance) is left out: it would prove nothing.
_FORMS = """
2d: 2차원, 2D
3d: 3차원, 3D
4d: 4차원, 4D
abstract: 추상
access: 접근
action: 행동, 동작, 액션
activation: 활성
active: 능동
adaptation: 적응
adapter: 어댑터
adaptive: 적응
adversarial: 적대적
agent: 에이전트
agentic: 에이전트
alignment: 정렬
animation: 애니메이션
annotation: 주석, 어노테이션
arabic: 아랍
arithmetic: 산술
artist: 예술가, 아티스트
asset: 자산, 에셋
asynchronous: 비동기
attack: 공격
attention: 어텐션, 주의
audio: 오디오, 음향
autoencoder: 오토인코더
autonomous: 자율
autoregressive: 자기회귀, 자동회귀, 오토리그레시브
avatar: 아바타
bayesian: 베이지안, 베이즈
benchmark: 벤치마크
bias: 편향
biology: 생물
biomedical: 생의학, 의생명
blending: 블렌딩, 혼합
camera: 카메라
caption: 캡션
captioning: 캡션, 캡셔닝
causal: 인과
chart: 차트, 도표
chatbot: 챗봇
chemistry: 화학
chinese: 중국
classification: 분류
classifier: 분류기
clinical: 임상
code: 코드, 코딩
coding: 코드, 코딩
collaborative: 협업, 협력
common sense: 상식
commonsense: 상식
compiler: 컴파일러
composition: 구성, 합성
compression: 압축
computer: 컴퓨터
concept: 개념, 컨셉
conceptual: 개념
consistency: 일관성
consistent: 일관
constraint: 제약
context: 문맥, 컨텍스트, 맥락
continual: 지속, 연속
contrastive: 대조
control: 제어, 컨트롤
controllable: 제어, 컨트롤
conversation: 대화
conversational: 대화
convolution: 컨볼루션, 합성곱
cooperative: 협력
creative: 창의, 창작
creativity: 창의
cultural: 문화
curriculum: 커리큘럼
curse: 저주
dance: 춤, 댄스
dangerous: 위험
debugging: 디버깅
decoding: 디코딩
decompilation: 디컴파일
defect: 결함
denoising: 노이즈제거, 디노이징
depth: 깊이, 심도
design: 디자인, 설계
detection: 탐지, 검출, 감지
diagnosis: 진단
diagnostic: 진단
dialect: 방언
dialog: 대화
dialogue: 대화
differentiable: 미분
diffusion: 확산, 디퓨전
discrete: 이산
distillation: 증류
distributed: 분산
document: 문서
domain: 도메인, 영역
driving: 주행, 운전
dynamic: 동적, 동역학, 다이나믹
edit: 편집
editing: 편집
education: 교육
embedding: 임베딩
embodied: 체화, 구현된
emotion: 감정
encoder: 인코더
energy efficient: 에너지효율
english: 영어, 영문
entropy: 엔트로피
environment: 환경
evolution: 진화
evolutionary: 진화
expert: 전문가
explanation: 설명
exploration: 탐색, 탐험
face: 얼굴
facial: 얼굴
fairness: 공정
feedback: 피드백
few shot: 퓨샷, 소수샷, 소수예제
film: 영화
financial: 금융
fine tuning: 미세조정, 파인튜닝
finetuning: 미세조정, 파인튜닝
font: 폰트, 글꼴
forgetting: 망각
foundation model: 기초모델, 파운데이션, 기반모델
french: 프랑스
front end: 프론트엔드, 프런트엔드
function: 함수
game: 게임
garment: 의류, 의상
gaussian: 가우시안, 가우스
geometric: 기하
geometry: 기하
german: 독일
gesture: 제스처
governance: 거버넌스
gradient: 그래디언트, 경사, 기울기
graph: 그래프
graphic: 그래픽
grasping: 파지, 잡기
group: 그룹
hair: 머리카락, 헤어
hallucination: 환각
hand: 손
health: 건강, 보건
healthcare: 의료, 헬스케어
hierarchical: 계층
human: 인간, 사람
humanoid: 휴머노이드
humor: 유머
hyperspectral: 초분광
identity: 정체성, 신원, 아이덴티티
illusion: 착시
image: 이미지, 영상
in context learning: 문맥내학습, 인컨텍스트, 맥락내학습
indic: 인도
inference: 추론
instruction: 지시, 명령, 인스트럭션
interactive: 상호작용, 대화형, 인터랙티브
interpretability: 해석
interpretable: 해석
inversion: 역변환, 인버전, 반전
jailbreak: 탈옥
japanese: 일본
kernel: 커널
knowledge: 지식
korean: 한국
large language model: 대규모언어모델, 대형언어모델, 거대언어모델
latent: 잠재
law: 법칙, 법률
layer: 레이어, 층, 계층
layout: 레이아웃, 배치
legal: 법률
length: 길이
light: 조명, 빛
lighting: 조명
linear: 선형
listening: 청취, 듣기
llm: 대규모언어모델, 대형언어모델, 거대언어모델
logic: 논리
long context: 긴문맥, 긴컨텍스트, 장문맥, 긴맥락, 롱컨텍스트
low rank: 저랭크, 저순위, 저차원
low resource: 저자원
machine translation: 번역
manipulation: 조작
mask: 마스크, 마스킹
masked: 마스크
material: 재료, 재질, 소재
math: 수학
mathematic: 수학
mathematical: 수학
medical: 의료, 의학
medicine: 의학, 의료
memory: 메모리, 기억
merging: 병합
mesh: 메시, 메쉬
mixture of expert: 전문가혼합, 전문가의혼합, 혼합전문가
mobile: 모바일
molecular: 분자
molecule: 분자
motion: 모션, 움직임, 동작
movie: 영화
multi agent: 다중에이전트, 멀티에이전트
multi modal: 멀티모달, 다중모달, 다중모드, 다중양식
multi modality: 멀티모달, 다중모달, 다중모드, 다중양식
multi task: 멀티태스크, 다중작업, 다중과제
multi turn: 멀티턴, 다중턴
multi view: 다중뷰, 멀티뷰, 다시점, 다중시점
multilingual: 다국어, 다언어
multimodal: 멀티모달, 다중모달, 다중모드, 다중양식
multimodality: 멀티모달, 다중모달, 다중모드
music: 음악
narrative: 서사, 내러티브, 이야기
navigation: 내비게이션, 탐색, 항법
neural: 신경
neuron: 뉴런
noise: 노이즈, 잡음
object: 객체, 물체, 오브젝트
optical flow: 광학흐름, 옵티컬플로우
optimal: 최적
optimization: 최적화
optimizer: 옵티마이저, 최적화
panorama: 파노라마
parallel: 병렬
parameter efficient: 매개변수효율, 파라미터효율
pathology: 병리
perception: 인식, 지각
perplexity: 퍼플렉시티, 혼란도, 난해도, 당혹도
persona: 페르소나
personalization: 개인화
personalized: 개인화
perspective: 관점, 시점
phone: 폰
photorealistic: 사실적, 포토리얼
physical: 물리
physics: 물리
pixel: 픽셀
planning: 계획, 플래닝
point: 포인트, 점
point cloud: 포인트클라우드, 점구름
policy: 정책
political: 정치
portrait: 초상, 인물
portuguese: 포르투갈
pose: 포즈, 자세
pre training: 사전학습, 사전훈련, 프리트레이닝
prediction: 예측
preference: 선호
pretrained model: 사전학습, 사전훈련, 프리트레인
pretraining: 사전학습, 사전훈련, 프리트레이닝
prior: 사전지식, 프라이어
privacy: 프라이버시, 개인정보
probability: 확률
program: 프로그램, 프로그래밍
programming: 프로그래밍
prompt: 프롬프트
prompting: 프롬프트, 프롬프팅
protein: 단백질
pruning: 가지치기, 프루닝
quantization: 양자화
quantum: 양자
question: 질문, 질의
question answering: 질의응답, 질문답변, 질문응답
radiance field: 방사, 래디언스, 복사장, 광도장
random: 무작위, 랜덤, 임의
ranking: 순위, 랭킹
real time: 실시간
reasoning: 추론
recognition: 인식
recommendation: 추천
reconstruction: 재구성, 복원
recurrent: 순환
red teaming: 레드팀
reinforcement: 강화학습
relightable: 재조명, 리라이팅
relighting: 재조명, 리라이팅
rendering: 렌더링
representation: 표현
restoration: 복원
retrieval: 검색
reversal: 역전, 반전
reward: 보상
risk: 위험
robot: 로봇
robotic: 로봇
robust: 강건, 견고
robustness: 강건, 견고
safe: 안전
safety: 안전
sampling: 샘플링
scaling law: 스케일링법칙, 확장법칙, 규모의법칙
scene: 장면, 씬
schedule: 일정, 스케줄
scheduled: 일정, 스케줄
science: 과학
scientific: 과학
score: 점수, 스코어
search: 검색, 탐색
security: 보안
segment anything: 모든것을분할, 세그멘테이션, 세그먼트
segmentation: 분할, 세그멘테이션, 세분화
selection: 선택
semantic: 의미, 시맨틱
shape: 형태, 형상, 모양
signature: 서명
similarity: 유사
simulation: 시뮬레이션
simulator: 시뮬레이터, 시뮬레이션
singing: 노래, 가창
sketch: 스케치
skill: 기술, 스킬
smartphone: 스마트폰
social: 사회, 소셜
software: 소프트웨어
sound: 소리, 사운드, 음향
spanish: 스페인
sparse: 희소, 스파스
sparsity: 희소, 스파스
spatial: 공간
speaker: 화자
speculative: 추측, 투기
speech: 음성
splatting: 스플래팅
spoken: 음성, 구어
state space: 상태공간
stock: 주식
story: 이야기, 스토리
streaming: 스트리밍
style: 스타일
subject driven: 주체, 피사체, 주제
super resolution: 초해상도
supervised: 지도
supervision: 감독, 지도
survey: 조사, 서베이, 설문
symbolic: 기호
synthesis: 합성
synthetic: 합성
table: 표, 테이블
tabular: 표, 테이블
temporal: 시간
text to 3d: 텍스트3D, 텍스트에서3D, 텍스트투3D
text to audio: 텍스트오디오, 텍스트투오디오
text to image: 텍스트이미지, 텍스트에서이미지, 텍스트투이미지, 텍스트대이미지
text to video: 텍스트비디오, 텍스트에서비디오, 텍스트투비디오
texture: 텍스처, 질감
theorem: 정리
thought: 사고, 생각
time series: 시계열
token: 토큰
tokenization: 토큰화
tokenizer: 토크나이저
tool: 도구, 툴
tracking: 추적, 트래킹
traffic: 교통
trajectory: 궤적
transfer: 전이, 전송
transformer: 트랜스포머, 변환기
translation: 번역
tree: 트리
try on: 착용, 트라이온
tuning: 튜닝, 조정
uncertainty: 불확실
unlearning: 언러닝, 잊
unsupervised: 비지도
upscaling: 업스케일
user: 사용자
vector: 벡터
verification: 검증
video: 비디오, 동영상, 영상
view: 뷰, 시점
virtual: 가상
vision: 비전, 시각
visual: 시각, 비주얼
vocabulary: 어휘
voice: 음성, 목소리
watermark: 워터마크
weather: 날씨, 기상
web: 웹
world model: 세계모델, 월드모델
zero shot: 제로샷, 제로숏
"""


def _table(lines: str) -> dict[str, tuple[str, ...]]:
    rows = (line.partition(":") for line in lines.strip().splitlines())
    return {english.strip(): tuple(form.strip() for form in forms.split(",")) for english, _, forms in rows}


KOREAN: dict[str, tuple[str, ...]] = _table(_FORMS)

# Words of any paper, with the stems that their Korean begins with.
_ANYWHERE = """
ability: 능력
achieve: 달성
across: 전반, 걸쳐
add: 추가
address: 해결, 다루
advance: 발전, 진보
advancement: 발전, 진보
advantage: 장점, 이점
aim: 목표, 목적
algorithm: 알고리즘
allow: 허용
analysis: 분석
analyze: 분석
answer: 답변, 응답, 대답
application: 응용, 적용, 애플리케이션
apply: 적용
approach: 접근, 방식, 방법
architecture: 아키텍처, 구조
artificial: 인공
assess: 평가
assistant: 어시스턴트, 보조
available: 공개, 사용가능, 이용가능
average: 평균
balance: 균형
base: 기반, 기초
behavior: 행동, 동작
better: 더나은, 우수
build: 구축
capability: 능력, 역량
capable: 능력, 가능
capture: 포착, 캡처
challenge: 도전, 과제, 어려움, 문제
challenging: 도전적, 어려운, 어려움
change: 변화, 변경
choice: 선택
collect: 수집
combine: 결합
common: 일반적, 공통
communication: 통신, 소통
community: 커뮤니티
comparable: 비슷, 유사, 견줄
compare: 비교
compete: 경쟁
competitive: 경쟁력
complex: 복잡
complexity: 복잡
component: 구성요소, 요소
comprehensive: 포괄적, 종합적
computation: 계산, 연산
computational: 계산, 연산
compute: 계산, 연산
condition: 조건
conduct: 수행, 진행
construct: 구축, 구성
contain: 포함
content: 콘텐츠, 내용, 컨텐츠
contribute: 기여
contribution: 기여
correct: 올바, 정확, 정답
cost: 비용
create: 생성, 제작, 만들
current: 현재, 현존
data: 데이터
decision: 결정, 의사결정
decrease: 감소
demand: 수요, 요구
demonstrate: 입증, 증명, 시연, 보여
demonstration: 시연, 데모
depend: 의존
describe: 설명, 묘사
detail: 세부, 상세, 디테일
determine: 결정
develop: 개발
development: 개발, 발전
differ: 차이, 다른
difference: 차이
difficult: 어려
digital: 디지털
direct: 직접
direction: 방향
diverse: 다양
diversity: 다양성
dynamics: 동역학, 역학
easy: 쉽, 쉬운, 용이
effect: 효과, 영향
effective: 효과
effectiveness: 효과
efficiency: 효율
efficient: 효율
effort: 노력
element: 요소, 원소
enable: 가능하게
encourage: 장려, 유도
engine: 엔진
enhance: 향상, 강화
error: 오류, 에러
establish: 수립, 확립
estimate: 추정
evaluate: 평가
example: 예시, 예제
exceed: 초과, 능가
exist: 존재, 기존
existing: 기존
expensive: 비싼, 비용
experiment: 실험
explain: 설명
explore: 탐구, 탐색
extend: 확장
extension: 확장
extensive: 광범위, 폭넓
extract: 추출
fact: 사실
factor: 요인, 요소
factual: 사실
factuality: 사실성
failure: 실패
fast: 빠른, 빠르, 빨리
fidelity: 충실도
field: 분야
find: 발견
first: 최초, 처음, 첫
flexibility: 유연
flexible: 유연
focus: 집중, 초점, 중점
follow: 따르
format: 형식, 포맷
framework: 프레임워크
frozen: 고정, 동결
future: 미래, 향후
gap: 격차, 차이
general: 일반
generate: 생성
generation: 생성
goal: 목표
good: 좋은
guide: 안내, 가이드, 유도
handle: 처리, 다루
high: 높은, 고품질, 고해상도
highlight: 강조
hypothesis: 가설
identify: 식별, 파악, 확인
impact: 영향
implement: 구현
implementation: 구현
importance: 중요
important: 중요
improve: 개선, 향상
improvement: 개선, 향상
include: 포함
incorporate: 통합
increase: 증가, 높
independent: 독립
individual: 개별, 개인
industry: 산업
influence: 영향
information: 정보
initial: 초기
input: 입력
insight: 통찰, 인사이트
integrate: 통합
integration: 통합
interact: 상호작용
interaction: 상호작용
interface: 인터페이스
introduce: 소개, 도입
investigate: 조사, 탐구, 연구
issue: 문제, 이슈
iteration: 반복
iterative: 반복
key: 핵심, 주요
known: 알려진, 알려져
lack: 부족, 결여
language: 언어
large: 대규모, 대형, 큰
lead: 이끌, 초래
learn: 학습, 배우
level: 수준, 레벨
leverage: 활용
library: 라이브러리
limit: 한계, 제한
limitation: 한계, 제한
limited: 제한, 한정
local: 지역, 로컬, 국소
low: 낮은, 저비용
maintain: 유지
mechanism: 메커니즘, 기법
method: 방법, 기법, 방식
methodology: 방법론
minimal: 최소
model: 모델
module: 모듈
multiple: 다중, 여러, 다수, 복수
name: 이름, 명명
natural: 자연
necessary: 필요, 필수
need: 필요, 요구
network: 네트워크, 신경망
new: 새로운, 새롭
numerous: 수많, 많은
observe: 관찰
obtain: 얻
offer: 제공
open: 공개, 오픈, 개방
operate: 작동, 운영
operation: 연산, 작업, 작동
optimal: 최적
optimize: 최적화
order: 순서
outperform: 능가, 뛰어넘, 우수, 앞서, 뛰어난
output: 출력, 결과
overcome: 극복
paper: 논문
parameter: 파라미터, 매개변수
part: 부분, 일부
particular: 특정, 특히
pattern: 패턴
perform: 수행
popular: 인기, 널리
possible: 가능
potential: 잠재, 가능성
power: 전력, 힘
powerful: 강력
practical: 실용, 실제
present: 제시, 제안
preserve: 보존, 유지
prevent: 방지
previous: 이전, 기존
principle: 원리, 원칙
problem: 문제
procedure: 절차
process: 과정, 처리, 프로세스
produce: 생성, 생산
promising: 유망
property: 속성, 특성, 성질
propose: 제안
provide: 제공
public: 공개, 공공
publicly: 공개
purpose: 목적
quality: 품질, 질
range: 범위
rapid: 빠른, 급속
rate: 비율, 속도
realistic: 현실적, 사실적
recent: 최근
recover: 복구, 회복
reduce: 감소, 줄이, 줄여, 낮추
reduction: 감소, 축소
refine: 정제, 개선
reflection: 반성, 성찰, 반사
region: 영역, 지역
relation: 관계
relationship: 관계
release: 공개, 출시
reliable: 신뢰
rely: 의존
require: 요구, 필요
requirement: 요구
research: 연구
researcher: 연구자, 연구원
resolution: 해상도
resource: 자원, 리소스
response: 응답, 반응
result: 결과
reveal: 밝혀, 드러
role: 역할
sample: 샘플, 표본
scalable: 확장
scale: 규모, 스케일, 확장
screen: 화면, 스크린
sequence: 시퀀스, 순서, 서열
sequential: 순차
setting: 설정, 환경
show: 보여, 나타
significant: 중요, 상당, 유의미, 현저, 크게
similar: 유사, 비슷
simple: 간단, 단순
single: 단일, 하나
size: 크기, 규모
small: 작은, 소규모, 소형
solution: 해결, 솔루션
solve: 해결
source: 소스, 출처
specific: 특정, 구체적
speed: 속도
stability: 안정
stable: 안정
stage: 단계
standard: 표준, 기준
step: 단계, 스텝
strategy: 전략
strong: 강력, 강한
structure: 구조
study: 연구
suboptimal: 차선, 최적이아닌
substantial: 상당, 크게
success: 성공
suggest: 시사, 제안
support: 지원
surpass: 능가, 뛰어넘
system: 시스템
systematic: 체계적
target: 목표, 타겟, 대상
task: 작업, 과제, 태스크
technique: 기술, 기법
technology: 기술
test: 테스트, 시험
text: 텍스트, 글
theoretical: 이론
theory: 이론
tool: 도구
traditional: 전통, 기존
train: 학습, 훈련, 트레이닝
transparency: 투명
type: 유형, 종류
understand: 이해
understanding: 이해
unified: 통합
unique: 고유, 독특
update: 업데이트, 갱신
use: 사용, 활용, 이용
useful: 유용
utilize: 활용, 사용
valid: 유효
validate: 검증
variety: 다양
various: 다양
version: 버전
way: 방법, 방식
wide: 넓은, 광범위
word: 단어
work: 연구, 작업
world: 세계
"""
GENERAL: dict[str, tuple[str, ...]] = _table(_ANYWHERE)
